// `C = A B`, each of A and B as it is or transposed, with what a layer of a perceptron adds on its way: a bias and ReLU
// forward, backward the mask of ReLU on A (`A ∘ (gate > 0)`). Strides say where the numbers of each are. A workgroup takes 32 × 32 of C, 16 terms at a time.

struct Shape {
    rows: u32,      // of C
    columns: u32,   // of C
    terms: u32,     // of each sum
    flags: u32,
    row_stride: u32,  // of A, and of its gate, between rows of C
    term_stride: u32, // of A, and of its gate, between terms
    across: u32,      // of B, between terms
    along: u32,       // of B, between columns of C
    out_row: u32,     // of C, between rows
    out_column: u32,  // of C, between columns
}

const BIAS = 1u;
const RELU = 2u;
const GATE = 4u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>; // (columns)
@group(0) @binding(4) var<storage, read> gate: array<f32>; // as A
@group(0) @binding(5) var<storage, read_write> product: array<f32>; // C

var<workgroup> a_tile: array<f32, 512>; // (16 terms, 32 rows)
var<workgroup> b_tile: array<f32, 512>; // (16 terms, 32 columns)

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let first_row = group.x * 32u;
    let first_column = group.y * 32u;
    // Four rows and four columns a thread.
    let row = 4u * (thread / 8u);
    let column = 4u * (thread % 8u);
    var sums: array<vec4f, 4>;
    for (var first = 0u; first < shape.terms; first += 16u) {
        for (var at = thread; at < 512u; at += 64u) {
            let term = first + at / 32u;
            var left = 0.0;
            var right = 0.0;
            if term < shape.terms {
                if first_row + at % 32u < shape.rows {
                    let place = (first_row + at % 32u) * shape.row_stride + term * shape.term_stride;
                    left = a[place];
                    if (shape.flags & GATE) != 0u && gate[place] <= 0.0 {
                        left = 0.0;
                    }
                }
                if first_column + at % 32u < shape.columns {
                    right = b[term * shape.across + (first_column + at % 32u) * shape.along];
                }
            }
            a_tile[at] = left;
            b_tile[at] = right;
        }
        workgroupBarrier();
        for (var k = 0u; k < 16u; k++) {
            var right = vec4f(0.0);
            for (var j = 0u; j < 4u; j++) {
                right[j] = b_tile[k * 32u + column + j];
            }
            for (var i = 0u; i < 4u; i++) {
                sums[i] += a_tile[k * 32u + row + i] * right;
            }
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 4u; i++) {
        for (var j = 0u; j < 4u; j++) {
            let u = first_row + row + i;
            let v = first_column + column + j;
            if u < shape.rows && v < shape.columns {
                var value = sums[i][j];
                if (shape.flags & BIAS) != 0u {
                    value += bias[v];
                }
                if (shape.flags & RELU) != 0u {
                    value = max(value, 0.0);
                }
                product[u * shape.out_row + v * shape.out_column] = value;
            }
        }
    }
}
