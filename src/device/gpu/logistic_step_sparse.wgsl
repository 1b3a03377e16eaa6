// The fused logistic step over sparse scores, for one side: each row gathers its own cells, so that no two threads add to one
// place. It computes the same sums as `logistic_step`, in the same `parts` (one slice). A workgroup handles one row: for 64
// cells at a time each thread computes one residual, then each thread sums one line (vec4) of the products over those cells.

struct Shape {
    rows: u32,
    first_row: u32,     // position of the side's vectors, in vec4s
    first_column: u32,
    row_bias: u32,      // position of the side's biases, in numbers
    column_bias: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> starts: array<u32>;        // (rows + 1)
@group(0) @binding(3) var<storage, read> cells: array<vec2u>;       // column, and the score's bits
@group(0) @binding(4) var<storage, read_write> parts: array<vec4f>; // (rows, LINES + 1); last: bias, loss

var<workgroup> residuals: array<f32, 64>;
var<workgroup> losses: array<f32, 64>;
var<workgroup> columns: array<u32, 64>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.y * groups.x + group.x;
    if row >= shape.rows {
        return;
    }
    let own = shape.first_row + row * LINES;
    let end = starts[row + 1u];
    var bias_sum = 0.0;
    var loss_sum = 0.0;
    var products: array<vec4f, TURNS>; // lines `thread`, `thread` + 64, …
    for (var first = starts[row]; first < end; first += 64u) {
        var residual = 0.0;
        var column = 0u;
        if first + thread < end {
            let cell = cells[first + thread];
            let value = bitcast<f32>(cell.y);
            column = shape.first_column + cell.x * LINES;
            var z = bias(shape.row_bias + row) + bias(shape.column_bias + cell.x);
            for (var k = 0u; k < LINES; k++) {
                z += dot(vectors[own + k], vectors[column + k]);
            }
            let tail = exp(-abs(z));
            let larger = 1.0 / (1.0 + tail);
            residual = select(tail * larger, larger, z >= 0.0) - value;
            bias_sum += residual;
            loss_sum += max(z, 0.0) - value * z + log(1.0 + tail);
        }
        residuals[thread] = residual;
        columns[thread] = column;
        workgroupBarrier();
        let count = min(64u, end - first);
        for (var turn = 0u; turn < TURNS; turn++) {
            let line = turn * 64u + thread;
            if line < LINES {
                var sum = vec4f(0.0);
                for (var c = 0u; c < count; c++) {
                    sum += residuals[c] * vectors[columns[c] + line];
                }
                products[turn] += sum;
            }
        }
        workgroupBarrier();
    }
    residuals[thread] = bias_sum;
    losses[thread] = loss_sum;
    workgroupBarrier();
    let to = row * (LINES + 1u);
    for (var turn = 0u; turn < TURNS; turn++) {
        let line = turn * 64u + thread;
        if line < LINES {
            parts[to + line] = products[turn];
        }
    }
    if thread == 0u {
        var sums = vec2f(0.0);
        for (var c = 0u; c < 64u; c++) {
            sums += vec2f(residuals[c], losses[c]);
        }
        parts[to + LINES] = vec4f(sums, 0.0, 0.0);
    }
}
