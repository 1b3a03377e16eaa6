// Replacing the name of a parent by a suggestion.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { renamed } = await load("names.ts");

test("a name is replaced if it is complete, and not as a part of another name", () => {
  const cases = [
    ["org/a-long\norg/a", "org/a-long\norg/b"],
    ["org/a.5\norg/a5\norg/a+x\norg/a@v2\norg/a_x\norg/aé", "org/a.5\norg/a5\norg/a+x\norg/a@v2\norg/a_x\norg/aé"],
    ["my-org/a\nmy/org/a\norg/a/b\norg/a", "my-org/a\nmy/org/a\norg/a/b\norg/b"],
    ["org/a 0.4, org/c: 0.6", "org/b 0.4, org/c: 0.6"],
    ["org/a=0.4,org/c", "org/b=0.4,org/c"],
    ["# from org/a\nbase_model:\n- org/a\n- 'org/a'", "# from org/b\nbase_model:\n- org/b\n- 'org/b'"],
    ["models:\n  - {model: org/a, weight: 1}\n  - {model: org/a-2}", "models:\n  - {model: org/b, weight: 1}\n  - {model: org/a-2}"],
    ['{"base_model": "org/a"}', '{"base_model": "org/b"}'],
    ["org/c\nOrg/A", "org/c\norg/b"],
  ];
  for (const [text, expected] of cases) assert.equal(renamed(text, "org/a", "org/b"), expected);
});

test("a name in an address is replaced", () => {
  for (const host of ["https://huggingface.co/", "hf.co/", "huggingface.co/", "http://mirror.example/api/models/", "https://hf.co/models/"]) {
    for (const rest of ["", "/tree/main", "?x=1", "#files"]) {
      assert.equal(renamed(`${host}org/a${rest}`, "org/a", "org/b"), `${host}org/b${rest}`);
    }
    assert.equal(renamed(`${host}org/a-long`, "org/a", "org/b"), `${host}org/a-long`);
    assert.equal(renamed(`${host}my/org/a`, "org/a", "org/b"), `${host}my/org/a`);
  }
});

test("special characters in names have no special meaning", () => {
  assert.equal(renamed("org/a1b\norg/a.b", "org/a.b", "org/c"), "org/a1b\norg/c");
  assert.equal(renamed("org/a-b_c", "org/a-b_c", "org/c"), "org/c");
  assert.equal(renamed("a+b", "a+b", "org/c"), "org/c");
  assert.equal(renamed("a (old)", "a (old)", "org/c"), "org/c");
  assert.equal(renamed("org/a", "org/a", "org/$&$1$$"), "org/$&$1$$");
});

test("a name without an owner does not match a part of a name with an owner", () => {
  assert.equal(renamed("org/mistral\nmistral\nhf.co/mistral/x", "mistral", "org/mistral-7b"), "org/mistral\norg/mistral-7b\nhf.co/mistral/x");
});
