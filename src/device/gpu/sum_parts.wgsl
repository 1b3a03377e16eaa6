// Sums the slices of one side: its part of the gradient, and the loss of each row, both as shares of the mean. Rows without
// cells get zeros, so that the penalties can be added to them.

struct Shape {
    rows: u32,          // rows in `parts`
    all_rows: u32,      // rows of the side; those past `rows` have no cells
    slices: u32,
    first_row: u32,     // position of the side's vectors, in vec4s
    row_bias: u32,      // position of the side's biases, in numbers
    loss_row: u32,      // position of the side's losses
    share: f32,         // of one cell in the mean
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> parts: array<vec4f>;          // (slices, rows, LINES + 1)
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;   // laid out as the parameters
@group(0) @binding(3) var<storage, read_write> row_losses: array<f32>;

@compute @workgroup_size(256)
fn main(thread: Thread) {
    let at = index_of(thread, 256u);
    let row = at / (LINES + 1u);
    let line = at % (LINES + 1u);
    if row >= shape.all_rows {
        return;
    }
    var sum = vec4f(0.0);
    if row < shape.rows {
        for (var slice = 0u; slice < shape.slices; slice++) {
            sum += parts[(slice * shape.rows + row) * (LINES + 1u) + line];
        }
    }
    sum *= shape.share;
    if line == LINES {
        gradient[shape.row_bias + row] = sum.x;
        row_losses[shape.loss_row + row] = sum.y;
        return;
    }
    let to = (shape.first_row + row * LINES + line) * 4u;
    for (var k = 0u; k < 4u; k++) {
        gradient[to + k] = sum[k];
    }
}
