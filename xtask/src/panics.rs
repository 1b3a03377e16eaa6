//! Removes panic messages from a module. A panic ends the module with a trap either way, and the standard library prints its
//! message nowhere in wasm.

use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module};

/// Name prefixes of the functions that only report a panic and never return; code that only they use is removed with them.
const DEAD_ENDS: [&str; 15] = [
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::cell::panic_already",
    "core::slice::index::slice_index_fail",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::str::slice_error_fail",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::alloc::handle_alloc_error",
    "std::alloc::rust_oom",
    "std::panicking::",
    "__rustc::rust_begin_unwind",
    "ndarray::arraytraits::array_out_of_bounds",
];

/// Replaces these functions by a bare trap.
pub(crate) fn silence(module: &mut Module) {
    let dead_end = |name: &str| {
        let name = plain(name);
        name.contains("::do_panic") || DEAD_ENDS.iter().any(|end| name.starts_with(end))
    };
    let named = |id: &FunctionId| module.funcs.get(*id).name.as_deref().is_some_and(dead_end);
    let ends: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).filter(named).collect();
    for id in ends {
        let trap = trap(module, id);
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap);
    }
    walrus::passes::gc::run(module);
}

/// A function of the same type that only traps.
fn trap(module: &mut Module, id: FunctionId) -> LocalFunction {
    let of = module.types.get(module.funcs.get(id).ty());
    let (parameters, results) = (of.params().to_vec(), of.results().to_vec());
    let arguments = parameters.iter().map(|&parameter| module.locals.add(parameter)).collect();
    let mut body = FunctionBuilder::new(&mut module.types, &parameters, &results);
    body.func_body().unreachable();
    body.local_func(arguments)
}

/// A demangled symbol as a plain path: `core::panicking::panic_fmt`.
fn plain(symbol: &str) -> String {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let mut plain = String::new();
    let mut depth = 0;
    // `core[c5930c85a12de822]::panicking`
    for character in path.chars() {
        match character {
            '[' => depth += 1,
            ']' if depth > 0 => depth -= 1,
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}
