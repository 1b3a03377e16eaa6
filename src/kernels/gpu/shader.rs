//! The shaders, what they are bound to, and pipelines made of them.

use super::{Gpu, MOST_GROUPS};

/// One compute shader.
pub(super) struct Kernel {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) bindings: &'static [Binding],
}

/// What a shader is bound to, in the order of `@binding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// What it is told of its work.
    Uniform,
    /// The same, one of several at an offset.
    Step,
    /// A buffer it reads.
    Read,
    /// A buffer it writes.
    Write,
}

/// Bytes from one step's settings to the next: the alignment that every device can do.
pub(super) const STEP_STRIDE: u32 = 256;
/// Bytes of one step's settings.
const STEP_BYTES: u64 = 32;

/// Declares the shaders, each after its file.
macro_rules! kernels {
    ($($constant:ident = $name:literal [$($binding:ident),*];)*) => {
        $(pub(super) const $constant: Kernel = Kernel {
            name: $name,
            source: include_str!(concat!($name, ".wgsl")),
            bindings: &[$(Binding::$binding),*],
        };)*
        /// All of them.
        #[cfg(test)]
        pub(super) const ALL: &[&Kernel] = &[$(&$constant),*];
    };
}

kernels! {
    LOGISTIC_STEP = "logistic_step" [Uniform, Read, Read, Read, Write];
    LOGISTIC_STEP_SPARSE = "logistic_step_sparse" [Uniform, Read, Read, Read, Write];
    SUM_PARTS = "sum_parts" [Uniform, Read, Write, Write];
    LAPLACIAN_PRODUCT = "laplacian_product" [Uniform, Read, Read, Read, Write, Write];
    ADAM_STEP = "adam_step" [Step, Read, Write, Write];
    SUM_LOSS = "sum_loss" [Step, Read, Write];
    CELL_LOSSES = "cell_losses" [Uniform, Read, Read, Write];
    MATRIX_PRODUCT = "matrix_product" [Uniform, Read, Read, Read, Read, Write];
    SCORE_TASK = "score_task" [Uniform, Read, Write];
}

/// The constants that the shaders of a factorisation are compiled with: vectors are padded to chunks of 16 numbers.
pub(super) fn constants(dim: usize) -> String {
    let chunks = dim.div_ceil(16);
    let (lines, turns) = (4 * chunks, (4 * chunks).div_ceil(64));
    format!("const CHUNKS = {chunks}u; const LINES = {lines}u; const TURNS = {turns}u;\n")
}

/// A compiled kernel.
#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Gpu {
    /// Compiles a kernel with these constants, or takes it from the cache.
    fn pipeline(&self, kernel: &Kernel, constants: &str) -> Pipeline {
        let source = format!("{constants}{}", kernel.source);
        let cached = self.pipelines.borrow().iter().find(|cached| cached.0 == source).map(|cached| cached.1.clone());
        if let Some(pipeline) = cached {
            return pipeline;
        }
        let compiled = compile(&self.device, kernel, &source);
        self.pipelines.borrow_mut().push((source, compiled.clone()));
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

/// One dispatch: a pipeline, what it is bound to, and how many workgroups.
pub(super) struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bound: wgpu::BindGroup,
    groups: [u32; 2],
    steps: bool,
}

impl Dispatch {
    /// Compiles a kernel and binds it.
    pub(super) fn new(gpu: &Gpu, kernel: &Kernel, constants: &str, groups: [u32; 2], bound: &[&wgpu::Buffer]) -> Self {
        let Pipeline { pipeline, layout } = gpu.pipeline(kernel, constants);
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

    /// Adds the dispatch to a pass; `step` is the place of the step's settings.
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

/// So many workgroups, folded into two dimensions; the last ones of the fold may have nothing to do.
pub(super) fn folded(groups: usize) -> [u32; 2] {
    let wide = groups.clamp(1, MOST_GROUPS as usize);
    [wide as u32, groups.div_ceil(wide).max(1) as u32]
}
