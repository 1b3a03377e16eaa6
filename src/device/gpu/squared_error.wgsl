// The squared errors of a batch's forecasts, `(logistic(z) - y)²`: the derivative of their mean by each output, and their sum.
// One workgroup, one thread per cell.

struct Shape {
    batch: u32,    // at most 256
}

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;         // (batches, batch, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read> outputs: array<f32>;       // (batch)
@group(0) @binding(4) var<storage, read_write> slopes: array<f32>;  // (batch)
@group(0) @binding(5) var<storage, read_write> errors: array<f32>;  // (batches)

const NOTHING = 0xffffffffu;

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
    let sum = sum_of_threads(thread, square);
    if thread == 0u {
        errors[step.slot] = sum;
    }
}
