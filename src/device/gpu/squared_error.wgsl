// The squared error of a batch's forecasts, `(logistic(z) - y)²`: its slope by each output, as a share of the mean, and the sum.
// One workgroup, a thread a cell.

struct Step {
    rate: f32,
    correction: f32,
    decay: f32,
    slot: u32,     // of this batch
    first: u32,
    share: f32,    // of one cell in the batch's mean
}

struct Shape {
    batch: u32,    // at most 256
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;         // (batches, batch, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read> outputs: array<f32>;       // (batch)
@group(0) @binding(4) var<storage, read_write> slopes: array<f32>;  // (batch)
@group(0) @binding(5) var<storage, read_write> errors: array<f32>;  // (batches)

const NOTHING = 0xffffffffu;

var<workgroup> squares: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    var square = 0.0;
    if thread < shape.batch {
        let cell = 3u * (step.slot * shape.batch + thread);
        var slope = 0.0;
        if cells[cell] != NOTHING {
            let z = outputs[thread];
            let tail = exp(-abs(z));
            let p = select(tail, 1.0, z >= 0.0) / (1.0 + tail);
            let apart = p - bitcast<f32>(cells[cell + 2u]);
            square = apart * apart;
            slope = 2.0 * apart * p * (1.0 - p) * step.share;
        }
        slopes[thread] = slope;
    }
    squares[thread] = square;
    for (var half = 128u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if thread < half {
            squares[thread] += squares[thread + half];
        }
    }
    if thread == 0u {
        errors[step.slot] = squares[0];
    }
}
