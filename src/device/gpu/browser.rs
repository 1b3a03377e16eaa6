//! Functions of a browser's WebGPU that wgpu does not provide.

use super::{Gpu, lock};
use js_sys::{Function, Promise, Reflect};
use std::future::Future;
use std::sync::{Arc, Mutex};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Whether this is a page or a worker. Elsewhere wgpu would end the program instead of returning an error.
pub(super) fn is_here() -> bool {
    let global = js_sys::global();
    ["Window", "WorkerGlobalScope"].into_iter().any(|name| Reflect::has(&global, &name.into()).unwrap_or(false))
}

/// The GPU's vendor and architecture. Browsers give these and mostly no name; wgpu leaves them out.
pub(super) fn named_by_browser(device: Option<&wgpu::Device>) -> Option<String> {
    let info = Reflect::get(handle(device?)?, &"adapterInfo".into()).ok().filter(JsValue::is_object)?;
    let word = |name| text(&info, name).unwrap_or_default();
    let name = [word("vendor"), word("architecture")].join(" ");
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Stores the first error outside all error scopes. The default handler of wgpu would end the program on errors of the
/// driver.
pub(super) fn keep_errors(device: &wgpu::Device, fault: Arc<Mutex<Option<String>>>) {
    let keep = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let error = Reflect::get(&event, &"error".into()).ok().and_then(|error| text(&error, "message"));
        lock(&fault).get_or_insert_with(|| error.unwrap_or_else(|| "it refused its work".to_owned()));
    });
    if let Some(device) = handle(device) {
        // It fails only if the target is not an object.
        let _ = Reflect::set(device, &"onuncapturederror".into(), keep.as_ref());
    }
    keep.forget();
}

/// Errors of the driver, such as a shader that it can't compile; wgpu would end the program on them.
pub(super) struct DriverErrors(wgpu::Device);

impl DriverErrors {
    pub(super) fn watch(gpu: &Gpu) -> Self {
        if let Some(device) = handle(&gpu.device) {
            let _ = method(device, "pushErrorScope").and_then(|push| push.call1(device, &"internal".into()).ok());
        }
        Self(gpu.device.clone())
    }

    pub(super) fn pop(self) -> impl Future<Output = Option<String>> {
        let popped = handle(&self.0).and_then(|device| method(device, "popErrorScope")?.call0(device).ok());
        async move {
            let error = JsFuture::from(popped?.dyn_into::<Promise>().ok()?).await.ok()?;
            text(&error, "message")
        }
    }
}

fn handle(device: &wgpu::Device) -> Option<&JsValue> {
    Some(device.as_webgpu()?.as_ref())
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}

/// A text property of a value that may not be an object.
fn text(of: &JsValue, name: &str) -> Option<String> {
    Reflect::get(of, &name.into()).ok()?.as_string()
}
