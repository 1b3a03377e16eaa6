//! The kernels as WebGPU compute shaders: in the browser, and natively on Vulkan, Metal or DX12. Each `.wgsl` file has the
//! name of its twin in plain loops, and a test compares the two.
//!
//! The kernels require only the limits that every WebGPU device has, so they run in any browser.

#[cfg(target_arch = "wasm32")]
mod browser;
mod buffers;
pub(crate) mod factoriser;
mod layout;
mod perceptron;
mod scorer;
mod shader;
mod steps;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use factoriser::Factoriser;
pub(crate) use perceptron::Perceptron;
pub use scorer::Scorer;

use crate::error::{Error, Result};
#[cfg(target_arch = "wasm32")]
use browser::{DriverErrors, named_by_browser};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// An open device. A clone is the same device.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    name: String,
    software: bool,
    fault: Arc<Mutex<Option<String>>>,
    pipelines: Pipelines,
}

/// The cache of compiled kernels, by name and dimension.
type Pipelines = Rc<RefCell<Vec<((&'static str, usize), shader::Pipeline)>>>;

/// A boxed future.
type Awaited<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The limits of a training: Chromium's defaults.
fn needed_limits() -> wgpu::Limits {
    let any = wgpu::Limits::default();
    wgpu::Limits {
        max_bind_groups: 1,
        max_storage_buffers_per_shader_stage: 8,
        max_storage_buffer_binding_size: any.max_storage_buffer_binding_size.min(128 << 20),
        max_buffer_size: any.max_buffer_size.min(256 << 20),
        max_compute_workgroup_storage_size: 16 << 10,
        max_compute_invocations_per_workgroup: 256,
        max_compute_workgroup_size_x: 256,
        max_compute_workgroup_size_y: 1,
        max_compute_workgroup_size_z: 1,
        max_compute_workgroups_per_dimension: MOST_GROUPS,
        ..wgpu::Limits::downlevel_webgl2_defaults()
    }
}

/// The most workgroups in one dimension.
const MOST_GROUPS: u32 = 65_535;

impl Gpu {
    /// Opens the fastest available device.
    ///
    /// # Errors
    /// Of kind `Device`, with the reason, if there is none or it can't be opened.
    pub async fn open() -> Result<Self> {
        Self::open_within(needed_limits()).await
    }

    async fn open_within(limits: wgpu::Limits) -> Result<Self> {
        #[cfg(target_arch = "wasm32")]
        if !browser::is_here() {
            return Err(Error::device("no GPU was found (outside of browsers there is no WebGPU)"));
        }
        let mut instance = wgpu::InstanceDescriptor::new_without_display_handle();
        instance.backends = wgpu::Backends::PRIMARY;
        instance.flags = wgpu::InstanceFlags::empty();
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let adapter = wgpu::Instance::new(instance).request_adapter(&options).await;
        let adapter = adapter.map_err(|_| Error::device(format!("no GPU was found ({LOOKED_FOR})")))?;
        let info = adapter.get_info();
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: limits.or_worse_values_from(&adapter.limits()),
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(|error| {
            Error::device(format!("found {}, but it could not be opened: {error}", describe(&info, None)))
        })?;
        let fault = Arc::new(Mutex::new(None));
        let (lost, failed) = (fault.clone(), fault.clone());
        device.set_device_lost_callback(move |_, message| {
            // The loss of the device explains the errors that came with it.
            *lock(&lost) = Some(format!("the device was lost: {message}"));
        });
        #[cfg(target_arch = "wasm32")]
        browser::keep_errors(&device, failed);
        #[cfg(not(target_arch = "wasm32"))]
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&failed).get_or_insert_with(|| error.to_string());
        }));
        let software = info.device_type == wgpu::DeviceType::Cpu;
        let name = describe(&info, Some(&device));
        Ok(Self { device, queue, name, software, fault, pipelines: Rc::default() })
    }

    /// The name of the GPU and its backend.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a software device on the CPU: fine for tests, slower than the CPU kernels.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Closes the device and frees its memory, for all its clones.
    pub fn close(&self) {
        self.device.destroy();
    }

    /// An error if the device was lost or has refused an operation since it was opened.
    fn check(&self) -> Result<()> {
        lock(&self.fault).as_ref().map_or(Ok(()), |fault| Err(self.failure(fault)))
    }

    fn failure(&self, what: &str) -> Error {
        Error::device(format!("{}: {what}", self.name))
    }

    /// Runs `make`, which creates buffers and pipelines; an error of the device becomes the result.
    async fn guarded<T>(&self, make: impl FnOnce() -> Result<T>) -> Result<T> {
        use wgpu::ErrorFilter::{OutOfMemory, Validation};
        let driver = DriverErrors::watch(self);
        let scopes = [OutOfMemory, Validation].map(|filter| self.device.push_error_scope(filter));
        let made = make();
        match self.said(driver, scopes).await {
            Some(error) => Err(error),
            None => made.and_then(|made| self.check().map(|()| made)),
        }
    }

    /// Ends the error scopes, the last one first, before awaiting their results. Not generic, so that a program contains it
    /// once.
    fn said(
        &self,
        driver: DriverErrors,
        [memory, validation]: [wgpu::ErrorScopeGuard; 2],
    ) -> Awaited<'_, Option<Error>> {
        let (validation, memory, driver) = (validation.pop(), memory.pop(), driver.pop());
        Box::pin(async {
            let validation = validation.await.map(|error| self.refused(&error));
            let memory = memory.await.map(|error| self.refused(&error));
            let driver = driver.await.map(|what| self.failure(&what));
            // A buffer for which there was no memory is invalid wherever it is used.
            memory.or(validation).or(driver)
        })
    }

    fn refused(&self, error: &wgpu::Error) -> Error {
        match error {
            wgpu::Error::OutOfMemory { .. } => self.failure("there is not enough memory"),
            _ => self.failure(&error.to_string()),
        }
    }

    /// A buffer of this number of bytes, initially zero.
    fn buffer(&self, what: &str, bytes: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        let limits = self.device.limits();
        let most = if usage.contains(wgpu::BufferUsages::STORAGE) {
            limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
        } else {
            limits.max_buffer_size
        };
        if bytes > most {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            let message = format!("{what} take {} MiB, more than the {} MiB of a buffer", mib(bytes), mib(most));
            return Err(self.failure(&message));
        }
        // An empty buffer can't be bound.
        let size = bytes.next_multiple_of(16).max(16);
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        Ok(self.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false }))
    }

    /// A buffer of this number of 4-byte numbers that kernels can write, initially zero.
    fn space(&self, what: &str, numbers: usize) -> Result<wgpu::Buffer> {
        self.buffer(what, 4 * numbers as u64, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC)
    }

    /// A buffer with these values that kernels can read.
    fn upload<T: bytemuck::NoUninit>(&self, what: &str, values: &[T]) -> Result<wgpu::Buffer> {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        let buffer = self.buffer(what, bytes.len() as u64, wgpu::BufferUsages::STORAGE)?;
        self.queue.write_buffer(&buffer, 0, bytes);
        Ok(buffer)
    }

    /// A uniform buffer with the arguments of a kernel.
    fn uniform(&self, words: &[u32]) -> Result<wgpu::Buffer> {
        let buffer = self.buffer("settings", 4 * words.len() as u64, wgpu::BufferUsages::UNIFORM)?;
        self.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(words));
        Ok(buffer)
    }

    /// A buffer into which results are copied for reading.
    fn landing(&self, numbers: usize) -> Result<wgpu::Buffer> {
        self.buffer("results", 4 * numbers as u64, wgpu::BufferUsages::MAP_READ)
    }

    /// Submits the work, waits for it, and calls `take` with the first numbers of the landing buffer.
    async fn finish<R>(
        &self,
        work: wgpu::CommandEncoder,
        landing: &wgpu::Buffer,
        numbers: usize,
        take: impl FnOnce(&[f32]) -> R,
    ) -> Result<R> {
        self.queue.submit([work.finish()]);
        let range = ..4 * numbers as u64;
        let arrival = Arrival::default();
        let arrived = arrival.clone();
        landing.map_async(wgpu::MapMode::Read, range, move |answer| arrived.set(answer.is_ok()));
        // In the browser the event loop polls the device.
        #[cfg(not(target_arch = "wasm32"))]
        if let Err(error) = self.device.poll(wgpu::PollType::wait_indefinitely()) {
            return Err(self.failure(&error.to_string()));
        }
        let arrived = arrival.await;
        self.check()?;
        if !arrived {
            return Err(self.failure("the results did not come back"));
        }
        let view = landing.get_mapped_range(range).map_err(|error| self.failure(&error.to_string()))?;
        let taken = bytemuck::try_cast_slice(&view).map(take).map_err(|error| self.failure(&error.to_string()));
        drop(view);
        landing.unmap();
        taken
    }
}

#[cfg(target_arch = "wasm32")]
const LOOKED_FOR: &str = "this browser has no WebGPU, or has it switched off";
#[cfg(not(target_arch = "wasm32"))]
const LOOKED_FOR: &str = "looked for Vulkan, Metal and DX12; the driver may be missing";

/// `llvmpipe (LLVM 15.0.6, 256 bits), Vulkan, software`.
fn describe(info: &wgpu::AdapterInfo, device: Option<&wgpu::Device>) -> String {
    let (name, way) = match info.backend {
        wgpu::Backend::BrowserWebGpu => (named_by_browser(device), "WebGPU"),
        wgpu::Backend::Vulkan => (None, "Vulkan"),
        wgpu::Backend::Metal => (None, "Metal"),
        wgpu::Backend::Dx12 => (None, "DX12"),
        _ => (None, "another way"),
    };
    let name = name.or_else(|| (!info.name.is_empty()).then(|| info.name.clone()));
    let software = if info.device_type == wgpu::DeviceType::Cpu { ", software" } else { "" };
    format!("{}, {way}{software}", name.as_deref().unwrap_or("a GPU without a name"))
}

#[cfg(not(target_arch = "wasm32"))]
fn named_by_browser(_device: Option<&wgpu::Device>) -> Option<String> {
    None
}

/// Errors of the driver.
#[cfg(not(target_arch = "wasm32"))]
struct DriverErrors(wgpu::ErrorScopeGuard);

#[cfg(not(target_arch = "wasm32"))]
impl DriverErrors {
    fn watch(gpu: &Gpu) -> Self {
        Self(gpu.device.push_error_scope(wgpu::ErrorFilter::Internal))
    }

    fn pop(self) -> impl Future<Output = Option<String>> {
        let error = self.0.pop();
        async { Some(error.await?.to_string()) }
    }
}

/// A future that resolves once a buffer is mapped, or its mapping has failed.
#[derive(Clone, Default)]
struct Arrival(Arc<Mutex<(Option<bool>, Option<Waker>)>>);

impl Arrival {
    fn set(&self, arrived: bool) {
        let mut state = lock(&self.0);
        state.0 = Some(arrived);
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }
}

impl Future for Arrival {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let mut state = lock(&self.0);
        state.1 = Some(context.waker().clone());
        state.0.map_or(Poll::Pending, Poll::Ready)
    }
}

/// The data behind these locks is consistent at any moment, even after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
