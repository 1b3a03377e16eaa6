// The fused logistic step over bit-packed outcomes, for one side: `Σ r x` and `Σ r` with `r = logistic(z) - y`, and the
// loss, row by row. Rows are models and columns tasks, or the other way round (`transposed`).
//
// A workgroup takes 64 rows and one slice of the columns, 32 at a time: logits in registers, four rows by four columns a
// thread, 16 dimensions a chunk; then the residuals of that tile in workgroup memory, and their product with the same
// columns, of which each half of the threads takes a half. What it adds up goes to its own place in `parts`; `sum_parts`
// joins the slices. LINES and CHUNKS come from the host: vec4s and chunks of a vector.

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
const THREADS = 128u;

var<workgroup> row_tile: array<vec4f, 256>;     // (ROWS, 4): one chunk
var<workgroup> column_tile: array<vec4f, 128>;  // (COLUMNS, 4): one chunk
var<workgroup> residuals: array<vec4f, 512>;    // (COLUMNS, ROWS / 4): four rows a vec4

fn bias(at: u32) -> f32 {
    return vectors[at / 4u][at % 4u];
}

fn load_rows(thread: u32, start: u32, chunk: u32) {
    for (var at = thread; at < 256u; at += THREADS) {
        let row = start + at / 4u;
        var line = vec4f(0.0);
        if row < shape.rows {
            line = vectors[shape.first_row + row * LINES + chunk * 4u + at % 4u];
        }
        row_tile[at] = line;
    }
}

fn load_columns(thread: u32, start: u32, chunk: u32) {
    let column = start + thread / 4u;
    var line = vec4f(0.0);
    if column < shape.columns {
        line = vectors[shape.first_column + column * LINES + chunk * 4u + thread % 4u];
    }
    column_tile[thread] = line;
}

// The bits of four columns from this one on, for one row: known, and solved.
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

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let first_row = group.x * ROWS;
    let first = group.y * shape.slice;
    let end = min(first + shape.slice, shape.columns);
    // For logits and residuals: four rows and four columns a thread.
    let quad = thread / 8u;
    let four = 4u * (thread % 8u);
    // For the product: four rows and every fourth line a thread, over one half of the columns.
    let own = (thread / 4u) % 16u;
    let quarter = thread % 4u;
    let half = thread / 64u;
    var row_biases = vec4f(0.0);
    for (var r = 0u; r < 4u; r++) {
        if first_row + 4u * quad + r < shape.rows {
            row_biases[r] = bias(shape.row_bias + first_row + 4u * quad + r);
        }
    }
    var products: array<array<vec4f, 4>, CHUNKS>; // by chunk and row
    var bias_sums = vec4f(0.0);
    var losses = vec4f(0.0);
    for (var start = first; start < end; start += COLUMNS) {
        var logits: array<vec4f, 4>; // by column, four rows each
        for (var j = 0u; j < 4u; j++) {
            var column_bias = 0.0;
            if start + four + j < shape.columns {
                column_bias = bias(shape.column_bias + start + four + j);
            }
            logits[j] = row_biases + column_bias;
        }
        for (var chunk = 0u; chunk < CHUNKS; chunk++) {
            load_columns(thread, start, chunk);
            if CHUNKS > 1u || start == first {
                load_rows(thread, first_row, chunk);
            }
            workgroupBarrier();
            for (var k = 0u; k < 4u; k++) {
                let a = row_tile[quad * 16u + k];
                let b = row_tile[quad * 16u + 4u + k];
                let c = row_tile[quad * 16u + 8u + k];
                let d = row_tile[quad * 16u + 12u + k];
                for (var j = 0u; j < 4u; j++) {
                    let x = column_tile[(four + j) * 4u + k];
                    logits[j] += vec4f(dot(a, x), dot(b, x), dot(c, x), dot(d, x));
                }
            }
            if chunk + 1u < CHUNKS {
                workgroupBarrier();
            }
        }
        var cells: array<vec2u, 4>;
        for (var r = 0u; r < 4u; r++) {
            cells[r] = four_cells(first_row + 4u * quad + r, start + four);
        }
        let known_bits = vec4u(cells[0].x, cells[1].x, cells[2].x, cells[3].x);
        let right_bits = vec4u(cells[0].y, cells[1].y, cells[2].y, cells[3].y);
        for (var j = 0u; j < 4u; j++) {
            let known = vec4f((known_bits >> vec4u(j)) & vec4u(1u));
            let right = vec4f((right_bits >> vec4u(j)) & vec4u(1u));
            let z = logits[j];
            let tail = exp(-abs(z));
            let larger = 1.0 / (1.0 + tail); // the probability of the likelier outcome
            let residual = known * (select(tail * larger, larger, z >= vec4f(0.0)) - right);
            bias_sums += residual;
            losses += known * (max(z, vec4f(0.0)) - right * z + log(1.0 + tail));
            residuals[(four + j) * 16u + quad] = residual;
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
            for (var c = half * 16u; c < half * 16u + 16u; c++) {
                let r = residuals[c * 16u + own];
                let x = column_tile[c * 4u + quarter];
                products[chunk][0] += r.x * x;
                products[chunk][1] += r.y * x;
                products[chunk][2] += r.z * x;
                products[chunk][3] += r.w * x;
            }
        }
        workgroupBarrier();
    }
    // The two halves join, chunk by chunk, in the memory of the residuals.
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        if half == 1u {
            for (var r = 0u; r < 4u; r++) {
                residuals[(thread - 64u) * 4u + r] = products[chunk][r];
            }
        }
        workgroupBarrier();
        if half == 0u {
            for (var r = 0u; r < 4u; r++) {
                let row = first_row + 4u * own + r;
                if row < shape.rows {
                    let to = (group.y * shape.rows + row) * (LINES + 1u) + chunk * 4u + quarter;
                    parts[to] = products[chunk][r] + residuals[thread * 4u + r];
                }
            }
        }
        workgroupBarrier();
    }
    residuals[thread] = bias_sums;
    residuals[THREADS + thread] = losses;
    workgroupBarrier();
    let row = first_row + thread;
    if thread < ROWS && row < shape.rows {
        var sums = vec2f(0.0);
        for (var c = 0u; c < 8u; c++) {
            let place = (thread / 4u) * 8u + c;
            sums += vec2f(residuals[place][thread % 4u], residuals[THREADS + place][thread % 4u]);
        }
        parts[(group.y * shape.rows + row) * (LINES + 1u) + LINES] = vec4f(sums, 0.0, 0.0);
    }
}
