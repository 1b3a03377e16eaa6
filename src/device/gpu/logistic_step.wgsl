// The fused logistic step over bit-packed outcomes, for one side: `Σ r x` and `Σ r` with `r = logistic(z) - y`, and the loss,
// row by row. Rows are models and columns tasks, or the other way round; each orientation has its own copy of the bits.
//
// A thread handles one row, whose vector and sums stay in its registers; a workgroup handles 128 rows and one slice of the
// columns. The columns pass through workgroup memory, TILE at a time: all threads read the same column at once, and each number
// they read is used in two multiplications. Each thread writes its sums to its own place in `parts`; `sum_parts` adds up the
// slices.
//
// LINES (the vec4s of a vector) and TILE are constants that the host defines. The host also repeats each line that has a dollar
// sign once for every vec4.

struct Shape {
    rows: u32,
    columns: u32,
    first_row: u32,     // position of the side's vectors, in vec4s
    first_column: u32,
    row_bias: u32,      // position of the side's biases, in numbers
    column_bias: u32,
    words: u32,         // pairs of words per row
    slice: u32,         // columns of one slice, a multiple of 32
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> bits: array<vec2u>;     // (rows, words): known and solved, 32 columns each
@group(0) @binding(3) var<storage, read_write> parts: array<vec4f>; // (slices, rows, LINES + 1); last: bias, loss

const THREADS = 128u;

var<workgroup> tile: array<vec4f, TILE * LINES>;
var<workgroup> biases: array<f32, TILE>;

// Loads TILE columns from `first` on, zeros past the last.
fn load(thread: u32, first: u32) {
    for (var at = thread; at < TILE * LINES; at += THREADS) {
        var line = vec4f(0.0);
        if first + at / LINES < shape.columns {
            line = vectors[shape.first_column + first * LINES + at];
        }
        tile[at] = line;
    }
    if thread < TILE && first + thread < shape.columns {
        biases[thread] = bias(shape.column_bias + first + thread);
    }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let row = group.x * THREADS + thread;
    let inside = row < shape.rows;
    let own = min(row, shape.rows - 1u); // a row past the last has no known cells
    let first_line = shape.first_row + own * LINES;
    let row_bias = bias(shape.row_bias + own);
    let m$ = vectors[first_line + $u];
    var sum$ = vec4f(0.0);
    var bias_sum = 0.0;
    var loss = 0.0;
    let end = min((group.y + 1u) * shape.slice, shape.columns);
    for (var start = group.y * shape.slice; start < end; start += 32u) {
        var word = vec2u(0u);
        if inside {
            word = bits[row * shape.words + start / 32u];
        }
        var larger_odds = 1.0; // each factor is at most 2, so one logarithm for all columns is enough
        for (var first = start; first < start + 32u; first += TILE) {
            workgroupBarrier();
            load(thread, first);
            workgroupBarrier();
            for (var c = 0u; c < TILE; c++) {
                let x$ = tile[c * LINES + $u];
                var products = vec4f(row_bias, biases[c], 0.0, 0.0); // four independent sums
                products += m$ * x$;
                let z = (products.x + products.y) + (products.z + products.w);
                let known = f32(word.x & 1u);
                let right = f32(word.y & 1u);
                word >>= vec2u(1u);
                let tail = exp(-abs(z));
                let larger = 1.0 / (1.0 + tail); // the probability of the likelier outcome
                let residual = known * (select(tail * larger, larger, z >= 0.0) - right);
                bias_sum += residual;
                loss += known * (max(z, 0.0) - right * z);
                larger_odds *= 1.0 + known * tail;
                sum$ += residual * x$;
            }
        }
        loss += log(larger_odds);
    }
    if inside {
        let to = (group.y * shape.rows + row) * (LINES + 1u);
        parts[to + $u] = sum$;
        parts[to + LINES] = vec4f(bias_sum, loss, 0.0, 0.0);
    }
}
