// The fused logistic step over bit-packed outcomes, for one side: `Σ r x` and `Σ r` with `r = logistic(z) - y`, and the
// loss, row by row. Rows are models and columns tasks, or the other way round (`transposed`).
//
// A workgroup takes 64 rows and one slice of the columns, 32 at a time: logits in registers, 16 dimensions a chunk; then
// the residuals of that tile in workgroup memory, and their product with the same columns. What it adds up goes to its
// own place in `parts`; `sum_parts` joins the slices. LINES and CHUNKS come from the host: vec4s and chunks of a vector.

struct Shape {
    rows: u32,
    columns: u32,
    first_row: u32,     // of the side's vectors, in vec4s
    first_column: u32,
    row_bias: u32,      // of the side's biases, in numbers
    column_bias: u32,
    words: u32,         // u32 words of a model's bits
    transposed: u32,    // 1 where rows are tasks
    slice: u32,         // columns of one slice, a multiple of 32
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;  // both sides' vectors, then the biases
@group(0) @binding(2) var<storage, read> observed: array<u32>;   // (models, words)
@group(0) @binding(3) var<storage, read> solved: array<u32>;     // (models, words)
@group(0) @binding(4) var<storage, read_write> parts: array<vec4f>; // (slices, rows, LINES + 1); last: bias, loss

const ROWS = 64u;
const COLUMNS = 32u;

var<workgroup> row_tile: array<vec4f, 256>;     // (ROWS, 4): one chunk
var<workgroup> column_tile: array<vec4f, 128>;  // (COLUMNS, 4): one chunk
var<workgroup> residuals: array<f32, 2048>;     // (ROWS, COLUMNS)

fn bias(at: u32) -> f32 {
    return vectors[at / 4u][at % 4u];
}

fn load_columns(thread: u32, start: u32, chunk: u32) {
    if thread < 128u {
        let column = start + thread / 4u;
        var line = vec4f(0.0);
        if column < shape.columns {
            line = vectors[shape.first_column + column * LINES + chunk * 4u + thread % 4u];
        }
        column_tile[thread] = line;
    }
}

// The bits of four columns from this one on, for one row: known in the low half, solved in the high one.
fn four_cells(row: u32, column: u32) -> vec2u {
    if row >= shape.rows {
        return vec2u(0u);
    }
    if shape.transposed == 0u {
        let word = row * shape.words + column / 32u;
        let shift = column % 32u;
        return vec2u((observed[word] >> shift) & 15u, (solved[word] >> shift) & 15u);
    }
    var cells = vec2u(0u);
    let shift = row % 32u;
    for (var j = 0u; j < 4u; j++) {
        if column + j < shape.columns {
            let word = (column + j) * shape.words + row / 32u;
            cells |= vec2u((observed[word] >> shift) & 1u, (solved[word] >> shift) & 1u) << vec2u(j);
        }
    }
    return cells;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let first_row = group.x * ROWS;
    let first = group.y * shape.slice;
    let end = min(first + shape.slice, shape.columns);
    // For logits and residuals: two rows and four columns a thread.
    let pair = 2u * (thread / 8u);
    let four = 4u * (thread % 8u);
    // For the product: one row and every fourth line a thread.
    let own = thread / 4u;
    let quarter = thread % 4u;
    var row_biases = vec2f(0.0);
    for (var r = 0u; r < 2u; r++) {
        if first_row + pair + r < shape.rows {
            row_biases[r] = bias(shape.row_bias + first_row + pair + r);
        }
    }
    var products: array<vec4f, CHUNKS>;
    var bias_sums = vec2f(0.0);
    var losses = vec2f(0.0);
    for (var start = first; start < end; start += COLUMNS) {
        var column_biases = vec4f(0.0);
        for (var j = 0u; j < 4u; j++) {
            if start + four + j < shape.columns {
                column_biases[j] = bias(shape.column_bias + start + four + j);
            }
        }
        var logits: array<vec4f, 2>;
        logits[0] = column_biases + row_biases[0];
        logits[1] = column_biases + row_biases[1];
        for (var chunk = 0u; chunk < CHUNKS; chunk++) {
            load_columns(thread, start, chunk);
            if CHUNKS > 1u || start == first {
                var line = vec4f(0.0);
                if first_row + own < shape.rows {
                    line = vectors[shape.first_row + (first_row + own) * LINES + chunk * 4u + quarter];
                }
                row_tile[thread] = line;
            }
            workgroupBarrier();
            for (var k = 0u; k < 4u; k++) {
                let a = row_tile[pair * 4u + k];
                let b = row_tile[pair * 4u + 4u + k];
                let x = column_tile[four * 4u + k];
                let y = column_tile[four * 4u + 4u + k];
                let z = column_tile[four * 4u + 8u + k];
                let w = column_tile[four * 4u + 12u + k];
                logits[0] += vec4f(dot(a, x), dot(a, y), dot(a, z), dot(a, w));
                logits[1] += vec4f(dot(b, x), dot(b, y), dot(b, z), dot(b, w));
            }
            if chunk + 1u < CHUNKS {
                workgroupBarrier();
            }
        }
        for (var r = 0u; r < 2u; r++) {
            let cells = four_cells(first_row + pair + r, start + four);
            let bits = vec4u(1u, 2u, 4u, 8u);
            let known = (vec4u(cells.x) & bits) != vec4u(0u);
            let right = select(vec4f(0.0), vec4f(1.0), (vec4u(cells.y) & bits) != vec4u(0u));
            let z = logits[r];
            let tail = exp(-abs(z));
            let larger = 1.0 / (1.0 + tail); // the probability of the likelier outcome
            let probability = select(tail * larger, larger, z >= vec4f(0.0));
            let residual = select(vec4f(0.0), probability - right, known);
            let loss = select(vec4f(0.0), max(z, vec4f(0.0)) - right * z + log(1.0 + tail), known);
            bias_sums[r] += dot(residual, vec4f(1.0));
            losses[r] += dot(loss, vec4f(1.0));
            let to = (pair + r) * COLUMNS + four;
            for (var j = 0u; j < 4u; j++) {
                residuals[to + j] = residual[j];
            }
        }
        workgroupBarrier();
        // From the last chunk, which is still in place, to the first.
        for (var left = CHUNKS; left > 0u; left--) {
            let chunk = left - 1u;
            if left < CHUNKS {
                workgroupBarrier();
                load_columns(thread, start, chunk);
                workgroupBarrier();
            }
            var sum = vec4f(0.0);
            for (var c = 0u; c < COLUMNS; c++) {
                sum += residuals[own * COLUMNS + c] * column_tile[c * 4u + quarter];
            }
            products[chunk] += sum;
        }
        workgroupBarrier();
    }
    for (var r = 0u; r < 2u; r++) {
        residuals[thread * 4u + r] = bias_sums[r];
        residuals[thread * 4u + 2u + r] = losses[r];
    }
    workgroupBarrier();
    let row = first_row + own;
    if row >= shape.rows {
        return;
    }
    let to = (group.y * shape.rows + row) * (LINES + 1u);
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        parts[to + chunk * 4u + quarter] = products[chunk];
    }
    if quarter == 0u {
        var sums = vec2f(0.0);
        for (var c = 0u; c < 8u; c++) {
            let place = ((own / 2u) * 8u + c) * 4u + own % 2u;
            sums += vec2f(residuals[place], residuals[place + 2u]);
        }
        parts[to + LINES] = vec4f(sums, 0.0, 0.0);
    }
}
