// `C = A B`, for all passes of a dense layer: forward with ReLU, backward by the inputs with ReLU's mask, and backward by the
// weights. A and B have strides, so that either may be transposed; C is row-major. The offsets are the last row of the weights:
// A is 1 there, in its last term in the forward pass and in its last row in the backward pass.
//
// A workgroup computes a block of 16 × 16 of C, with 32 terms of each sum at a time in its memory; a thread computes one row and
// four columns.

struct Shape {
    rows: u32,      // of C
    columns: u32,   // of C
    terms: u32,     // of each sum
    flags: u32,
    a_row: u32,     // from one row of A to the next
    a_term: u32,
    b_first: u32,   // position of B
    b_term: u32,
    b_column: u32,
    c_first: u32,
}

const ONE_TERM = 1u; // A's last term is 1
const ONE_ROW = 2u;  // A's last row is 1
const RELU = 4u;
const MASK = 8u;     // zero where the mask is not positive

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> mask: array<f32>; // as C
@group(0) @binding(4) var<storage, read_write> c: array<f32>;

var<workgroup> a_tile: array<f32, 512>;   // (32 terms, 16 rows)
var<workgroup> b_tile: array<vec4f, 128>; // (32 terms, 16 columns)

fn has(flag: u32) -> bool {
    return (shape.flags & flag) != 0u;
}

fn a_at(row: u32, term: u32) -> f32 {
    if row >= shape.rows || term >= shape.terms {
        return 0.0;
    }
    if (has(ONE_TERM) && term + 1u == shape.terms) || (has(ONE_ROW) && row + 1u == shape.rows) {
        return 1.0;
    }
    return a[row * shape.a_row + term * shape.a_term];
}

fn b_at(term: u32, column: u32) -> f32 {
    if term >= shape.terms || column >= shape.columns {
        return 0.0;
    }
    return b[shape.b_first + term * shape.b_term + column * shape.b_column];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let first_row = group.x * 16u;
    let first_column = group.y * 16u;
    let row = thread / 4u;
    let quad = thread % 4u;
    var sum = vec4f(0.0);
    for (var first = 0u; first < shape.terms; first += 32u) {
        for (var at = thread; at < 512u; at += 64u) {
            a_tile[at] = a_at(first_row + at % 16u, first + at / 16u);
        }
        for (var at = thread; at < 128u; at += 64u) {
            let term = first + at / 4u;
            let column = first_column + at % 4u * 4u;
            b_tile[at] = vec4f(b_at(term, column), b_at(term, column + 1u), b_at(term, column + 2u), b_at(term, column + 3u));
        }
        workgroupBarrier();
        for (var term = 0u; term < 32u; term++) {
            sum += a_tile[term * 16u + row] * b_tile[term * 4u + quad];
        }
        workgroupBarrier();
    }
    if has(RELU) {
        sum = max(sum, vec4f(0.0));
    }
    for (var k = 0u; k < 4u; k++) {
        let column = first_column + quad * 4u + k;
        if first_row + row < shape.rows && column < shape.columns {
            let to = (first_row + row) * shape.columns + column;
            var value = sum[k];
            if has(MASK) && mask[to] <= 0.0 {
                value = 0.0;
            }
            c[shape.c_first + to] = value;
        }
    }
}
