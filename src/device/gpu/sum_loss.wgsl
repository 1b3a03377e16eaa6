// Sums the rows' losses and penalties into this step's slot. One workgroup.

@group(0) @binding(1) var<storage, read> row_losses: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
    var sum = 0.0;
    for (var at = step.first + thread; at < arrayLength(&row_losses); at += 256u) {
        sum += row_losses[at];
    }
    let whole = sum_of_threads(thread, sum);
    if thread == 0u {
        losses[step.slot] = whole;
    }
}
