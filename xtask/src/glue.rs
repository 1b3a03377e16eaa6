//! Turns the JavaScript that wasm-bindgen writes for a module into a function that creates instances with separate state.
//! After a trap the state of an instance is undefined, and the next call needs a new instance.

use anyhow::{Context, Result, ensure};

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
    fn what_is_written_otherwise_is_refused() {
        factory(&WRITTEN.replace(END, "")).unwrap_err();
        factory(&WRITTEN.replace(LOADING, "let wasm;")).unwrap_err();
        let named = factory(&WRITTEN.replace("export function train", "export const train")).unwrap_err();
        assert!(named.to_string().contains("train"), "{named}");
    }
}
