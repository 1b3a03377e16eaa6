//! Turns the JavaScript that wasm-bindgen writes for a module into a function that creates instances with separate state.
//! After a trap the state of an instance is undefined, and the next call needs a new instance.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// The start and the end of wasm-bindgen's own loading code, which `pkg/api.js` replaces.
const LOADING: &str = "let wasmModule, wasmInstance, wasm;";
const END: &str = "export { initSync, __wbg_init as default };";

/// A JavaScript module whose default export takes `queueMicrotask`, so that traps in tasks are noticed, and returns
/// `imports` and `begin(instance)`, which returns the module's exports. Finalizers are left out: memory is freed with its
/// instance, and a finalizer that runs after a trap would trap without a handler.
pub(crate) fn factory(js: &str) -> Result<String> {
    let (body, loading) = js.split_once(LOADING).context("wasm-bindgen loads modules in another way than it did")?;
    ensure!(loading.trim_end().ends_with(END), "wasm-bindgen exports in another way than it did");
    let start = if loading.contains("wasm.__wbindgen_start();") { "wasm.__wbindgen_start();" } else { "" };
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    for line in body.lines() {
        let Some(declared) = line.strip_prefix("export ") else {
            lines.push(line);
            continue;
        };
        let words = declared.trim_start_matches("async ");
        let named = words.strip_prefix("function ").or_else(|| words.strip_prefix("class "));
        let named =
            named.with_context(|| format!("wasm-bindgen exports what is neither function nor class: {line}"))?;
        names.push(named.split([' ', '(']).next().unwrap_or_default());
        lines.push(declared);
    }
    let (body, names) = (lines.join("\n"), names.join(", "));
    Ok(format!(
        "export default (queueMicrotask) => {{
let wasm, FinalizationRegistry;
{body}
return {{
  imports: __wbg_get_imports(),
  begin(instance) {{
    wasm = instance.exports;
    {start}
    return {{ {names}, memory: wasm.memory }};
  }},
}};
}};
"
    ))
}

/// The polyfill for `encodeInto`, which every browser with WebAssembly SIMD has.
const POLYFILL: (&str, &str) = ("if (!('encodeInto' in cachedTextEncoder)) {", "\n}\n");

/// The JavaScript without the hashes in the names of what the module imports, and without a polyfill that no browser needs.
/// Hashes hardly compress.
pub(crate) fn with_short_names(mut js: String, wasm: &mut Module) -> String {
    let names: BTreeSet<String> = wasm.imports.iter().map(|import| import.name.clone()).collect();
    let mut short: BTreeMap<String, String> = BTreeMap::new();
    for name in &names {
        let Some(bare) = without_hash(name) else { continue };
        let taken = |wanted: &String| names.contains(wanted) || short.values().any(|other| other == wanted);
        let numbered = (2..).map(|number| format!("{bare}_{number}"));
        let free = std::iter::once(bare.to_owned()).chain(numbered).find(|wanted| !taken(wanted));
        short.extend(free.map(|free| (name.clone(), free)));
    }
    for import in wasm.imports.iter_mut() {
        if let Some(free) = short.get(&import.name) {
            js = js.replace(&import.name, free);
            import.name.clone_from(free);
        }
    }
    if let Some((before, rest)) = js.split_once(POLYFILL.0)
        && let Some((_, after)) = rest.split_once(POLYFILL.1)
    {
        js = format!("{before}{after}");
    }
    js
}

fn without_hash(name: &str) -> Option<&str> {
    let (bare, hash) = name.rsplit_once('_')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && name.starts_with("__wbg_")).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
/* comment */
export class Raw {
    free() {}
}
export function train(bytes) {
    return wasm.train(bytes);
}
function __wbg_get_imports() {}
let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasm.__wbindgen_start();
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn all_that_is_exported_comes_from_an_instance() {
        let made = factory(WRITTEN).unwrap();
        assert_eq!(made.matches("export ").count(), 1);
        assert!(
            made.contains("return { Raw, train, memory: wasm.memory };") && made.contains("wasm.__wbindgen_start();")
        );
        assert!(made.contains("\nclass Raw {") && made.contains("\nfunction train(bytes)"));
        assert!(!made.contains("wasmModule"));
    }

    #[test]
    fn hashes_are_left_out_of_imports_and_equal_names_get_numbers() {
        let mut wasm = Module::default();
        let kind = wasm.types.add(&[], &[]);
        let names = ["__wbg_get_0123456789abcdef", "__wbg_get_fedcba9876543210", "__wbindgen_throw"];
        for name in names {
            wasm.add_import_func("./m_bg.js", name, kind);
        }
        let js = with_short_names(format!("{}() {{}}, {}() {{}}, {}() {{}}", names[0], names[1], names[2]), &mut wasm);
        assert_eq!(js, "__wbg_get() {}, __wbg_get_2() {}, __wbindgen_throw() {}");
        let imports: Vec<_> = wasm.imports.iter().map(|import| import.name.as_str()).collect();
        assert_eq!(imports, ["__wbg_get", "__wbg_get_2", "__wbindgen_throw"]);
    }

    #[test]
    fn what_is_written_otherwise_is_refused() {
        factory(&WRITTEN.replace(END, "")).unwrap_err();
        factory(&WRITTEN.replace(LOADING, "let wasm;")).unwrap_err();
        let named = factory(&WRITTEN.replace("export function train", "export const train")).unwrap_err();
        assert!(named.to_string().contains("train"), "{named}");
    }
}
