// Runs a test in Chromium and in Firefox. The pages of both drivers have goto, evaluate, waitForFunction and on.
//
//   for (const engine of engines) {
//     test(`${engine.name}: …`, { skip: engine.missing }, async (t) => {
//       const { page, errors } = await engine.open(t);
//     });
//   }
//
// As with openPage of harness.mjs, a test fails if its page reports an error that `allow` does not match.

import { existsSync } from "node:fs";
import { after } from "node:test";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

const paths = {
  Chromium: process.env.CHROMIUM ?? "/usr/bin/chromium",
  Firefox: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
};

const launchers = {
  Chromium: () => chromium.launch({ executablePath: paths.Chromium, args: ["--no-sandbox", "--disable-background-networking"] }),
  Firefox: () => puppeteer.launch({ browser: "firefox", executablePath: paths.Firefox, headless: true }),
};

export const engines = Object.keys(paths).map((name) => ({
  name,
  missing: existsSync(paths[name]) ? false : `${name} is not at ${paths[name]}`,
  open: (t, allow = []) => open(t, name, allow),
}));

const running = new Map();

async function open(t, name, allow) {
  if (!running.has(name)) running.set(name, launchers[name]());
  const browser = await running.get(name);
  const context = await (browser.newContext ?? browser.createBrowserContext).call(browser);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()}`);
  });
  t.after(async () => {
    await context.close();
    const unexpected = errors.filter((error) => !allow.some((pattern) => pattern.test(error)));
    if (unexpected.length > 0) throw new Error(`the page reported errors:\n${unexpected.join("\n")}`);
  });
  return { page, errors };
}

after(async () => {
  for (const browser of running.values()) await browser.then((launched) => launched.close()).catch(() => {});
});
