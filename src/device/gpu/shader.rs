//! The shaders, their bindings, and their compiled pipelines.

use super::{Gpu, MOST_GROUPS};

/// One compute shader.
pub(super) struct Kernel {
    pub(super) name: &'static str,
    /// Sources that several shaders share, in front of its own.
    pub(super) shared: &'static [&'static str],
    pub(super) source: &'static str,
    pub(super) bindings: &'static [Binding],
}

/// The bindings of a shader, in the order of `@binding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// The arguments of the shader.
    Uniform,
    /// The settings of one step, at an offset in a buffer of several.
    Step,
    /// A buffer that it reads.
    Read,
    /// A buffer that it writes.
    Write,
}

/// Bytes from one step's settings to the next: an alignment that every device supports.
pub(super) const STEP_STRIDE: u32 = 256;
/// Bytes of one step's settings.
const STEP_BYTES: u64 = 32;

/// The source of a file without comments, indents and empty lines.
macro_rules! source {
    ($name:expr) => {{
        const WHOLE: &str = include_str!(concat!($name, ".wgsl"));
        const BARE: ([u8; WHOLE.len()], usize) = bare(WHOLE.as_bytes());
        const SOURCE: [u8; BARE.1] = first(&BARE.0);
        match str::from_utf8(&SOURCE) {
            Ok(source) => source,
            Err(_) => "",
        }
    }};
}

/// Declares the shaders, each named after its file, with the shared sources and the bindings.
macro_rules! kernels {
    ($($constant:ident = $name:literal [$($shared:ident),*] [$($binding:ident),*];)*) => {
        $(pub(super) const $constant: Kernel = Kernel {
            name: $name,
            shared: &[$($shared),*],
            source: source!($name),
            bindings: &[$(Binding::$binding),*],
        };)*
        #[cfg(test)]
        pub(super) const ALL: &[&Kernel] = &[$(&$constant),*];
    };
}

/// Removes comments, indents and empty lines, so that wasm modules do not contain them; returns the length too.
const fn bare<const N: usize>(whole: &[u8]) -> ([u8; N], usize) {
    let (mut out, mut length, mut at) = ([0; N], 0, 0);
    while at < N {
        if whole[at] == b'/' && whole[at + 1] == b'/' {
            while whole[at] != b'\n' {
                at += 1;
            }
        }
        let starts = length == 0 || out[length - 1] == b'\n';
        if !(starts && (whole[at] == b' ' || whole[at] == b'\n')) {
            out[length] = whole[at];
            length += 1;
        }
        at += 1;
    }
    (out, length)
}

/// The first `N` bytes.
const fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let (mut out, mut at) = ([0; N], 0);
    while at < N {
        out[at] = bytes[at];
        at += 1;
    }
    out
}

const BIAS: &str = source!("bias");
const FEATURES: &str = source!("features");
const STEP: &str = source!("step");
const SUM_OF_THREADS: &str = source!("sum_of_threads");
const THREAD: &str = source!("thread");

kernels! {
    LOGISTIC_STEP = "logistic_step" [BIAS] [Uniform, Read, Read, Write];
    LOGISTIC_STEP_SPARSE = "logistic_step_sparse" [BIAS] [Uniform, Read, Read, Read, Write];
    SUM_PARTS = "sum_parts" [THREAD] [Uniform, Read, Write, Write];
    LAPLACIAN_PRODUCT = "laplacian_product" [BIAS, THREAD] [Uniform, Read, Read, Read, Write, Write];
    ADAM_STEP = "adam_step" [STEP, THREAD] [Step, Read, Write, Write];
    SUM_LOSS = "sum_loss" [STEP, SUM_OF_THREADS] [Step, Read, Write];
    CELL_LOSSES = "cell_losses" [BIAS, SUM_OF_THREADS] [Uniform, Read, Read, Write];
    SCORE_TASK = "score_task" [BIAS] [Uniform, Read, Write];
    MATRIX_PRODUCT = "matrix_product" [] [Uniform, Read, Read, Read, Write];
    DESCRIBE = "describe" [STEP, FEATURES, THREAD] [Step, Uniform, Read, Read, Read, Read, Write];
    DESCRIBE_BACK = "describe_back" [STEP, FEATURES] [Step, Uniform, Read, Read, Read, Read, Write];
    SQUARED_ERROR = "squared_error" [STEP, SUM_OF_THREADS] [Step, Uniform, Read, Read, Write, Write];
}

/// Bytes of workgroup memory that every device has.
const MEMORY: usize = 16 << 10;
/// The most vec4s of a vector: one column of `logistic_step`, with its bias, has to fit into the workgroup memory.
pub(super) const MOST_LINES: usize = (MEMORY - 4) / 16;

impl Kernel {
    /// The shader for vectors of this dimension, padded to whole vec4s. It defines the constants, and repeats each line that has
    /// a `$` once for every vec4, so that each vec4 is a variable of its own, which any compiler keeps in a register.
    pub(super) fn text(&self, dim: usize) -> String {
        let lines = dim.div_ceil(4);
        let tile = [32, 16, 8, 4, 2].into_iter().find(|tile| tile * (16 * lines + 4) <= MEMORY).unwrap_or(1);
        let turns = lines.div_ceil(64);
        let mut text = format!("const LINES = {lines}u; const TURNS = {turns}u; const TILE = {tile}u;\n");
        for line in self.shared.iter().chain([&self.source]).flat_map(|source| source.lines()) {
            let times = if line.contains('$') { lines } else { 1 };
            (0..times).for_each(|k| text.extend([&line.replace('$', &k.to_string()), "\n"]));
        }
        text
    }
}

/// A compiled kernel.
#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Gpu {
    /// A kernel for vectors of this dimension, from the cache or newly compiled.
    fn pipeline(&self, kernel: &Kernel, dim: usize) -> Pipeline {
        let key = (kernel.name, dim);
        let cached = self.pipelines.borrow().iter().find(|cached| cached.0 == key).map(|cached| cached.1.clone());
        if let Some(pipeline) = cached {
            return pipeline;
        }
        let compiled = compile(&self.device, kernel, &kernel.text(dim));
        self.pipelines.borrow_mut().push((key, compiled.clone()));
        compiled
    }
}

fn compile(device: &wgpu::Device, kernel: &Kernel, source: &str) -> Pipeline {
    let label = Some(kernel.name);
    let layout = layout(device, kernel);
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label,
        bind_group_layouts: &[Some(&layout)],
        ..wgpu::PipelineLayoutDescriptor::default()
    });
    let source = wgpu::ShaderSource::Wgsl(source.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    Pipeline { pipeline, layout }
}

/// One dispatch: a pipeline, its bound buffers, and the number of workgroups.
pub(super) struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bound: wgpu::BindGroup,
    groups: [u32; 2],
    steps: bool,
}

impl Dispatch {
    /// Compiles a kernel for vectors of this dimension and binds it.
    pub(super) fn new(gpu: &Gpu, kernel: &Kernel, dim: usize, groups: [u32; 2], bound: &[&wgpu::Buffer]) -> Self {
        let Pipeline { pipeline, layout } = gpu.pipeline(kernel, dim);
        let entries: Vec<_> = (0..)
            .zip(bound)
            .zip(kernel.bindings)
            .map(|((binding, buffer), kind)| {
                let size = (*kind == Binding::Step).then(|| wgpu::BufferSize::new(STEP_BYTES)).flatten();
                let whole = wgpu::BufferBinding { buffer, offset: 0, size };
                wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(whole) }
            })
            .collect();
        let descriptor = wgpu::BindGroupDescriptor { label: Some(kernel.name), layout: &layout, entries: &entries };
        let bound = gpu.device.create_bind_group(&descriptor);
        Self { pipeline, bound, groups, steps: kernel.bindings.first() == Some(&Binding::Step) }
    }

    /// Adds the dispatch to a pass; `step` is the index of the step's settings.
    pub(super) fn run(&self, pass: &mut wgpu::ComputePass<'_>, step: u32) {
        let offset = [step * STEP_STRIDE];
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bound, if self.steps { &offset } else { &[] });
        pass.dispatch_workgroups(self.groups[0], self.groups[1], 1);
    }
}

fn layout(device: &wgpu::Device, kernel: &Kernel) -> wgpu::BindGroupLayout {
    let entry = |(binding, kind): (u32, &Binding)| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match kind {
                Binding::Uniform | Binding::Step => wgpu::BufferBindingType::Uniform,
                Binding::Read => wgpu::BufferBindingType::Storage { read_only: true },
                Binding::Write => wgpu::BufferBindingType::Storage { read_only: false },
            },
            has_dynamic_offset: *kind == Binding::Step,
            min_binding_size: None,
        },
        count: None,
    };
    let entries: Vec<_> = (0..).zip(kernel.bindings).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(kernel.name), entries: &entries })
}

/// At least `groups` workgroups, folded into two dimensions; the last ones may have nothing to do.
pub(super) fn folded(groups: usize) -> [u32; 2] {
    let wide = groups.clamp(1, MOST_GROUPS as usize);
    [wide as u32, groups.div_ceil(wide).max(1) as u32]
}
