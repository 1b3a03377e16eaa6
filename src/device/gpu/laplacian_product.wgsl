// The penalties of one side: adds `2 weight L v + 2 l2 v` (the L2 term only where the row has cells) to its gradient, and
// writes their values, row by row. The graph is in compressed rows; a thread handles one of them.

struct Shape {
    rows: u32,
    first_row: u32,     // position of the side's vectors, in vec4s
    row_bias: u32,      // position of the side's biases, in numbers
    loss_row: u32,      // position of the side's penalties
    biases: u32,        // 1 if the biases have the same penalties as the vectors
    weight: f32,
    l2: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> starts: array<u32>;           // (rows + 1), the top bit: has cells
@group(0) @binding(3) var<storage, read> neighbours: array<vec2u>;     // row, and the weight's bits
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;   // laid out as the parameters
@group(0) @binding(5) var<storage, read_write> row_losses: array<f32>;

const HAS_CELLS = 0x80000000u;

@compute @workgroup_size(64)
fn main(thread: Thread) {
    let row = index_of(thread, 64u);
    if row >= shape.rows {
        return;
    }
    let l2 = select(0.0, shape.l2, (starts[row] & HAS_CELLS) != 0u);
    let start = starts[row] & ~HAS_CELLS;
    let end = starts[row + 1u] & ~HAS_CELLS;
    var penalty = 0.0;
    for (var k = 0u; k < LINES; k++) {
        let own = vectors[shape.first_row + row * LINES + k];
        var pull = l2 * own;
        penalty += l2 * dot(own, own);
        for (var at = start; at < end; at++) {
            let apart = own - vectors[shape.first_row + neighbours[at].x * LINES + k];
            let weight = shape.weight * bitcast<f32>(neighbours[at].y);
            pull += weight * apart;
            penalty += 0.5 * weight * dot(apart, apart);
        }
        let to = (shape.first_row + row * LINES + k) * 4u;
        for (var c = 0u; c < 4u; c++) {
            gradient[to + c] += 2.0 * pull[c];
        }
    }
    if shape.biases == 1u {
        let own = bias(shape.row_bias + row);
        var pull = l2 * own;
        penalty += l2 * own * own;
        for (var at = start; at < end; at++) {
            let apart = own - bias(shape.row_bias + neighbours[at].x);
            let weight = shape.weight * bitcast<f32>(neighbours[at].y);
            pull += weight * apart;
            penalty += 0.5 * weight * apart * apart;
        }
        gradient[shape.row_bias + row] += 2.0 * pull;
    }
    row_losses[shape.loss_row + row] = penalty;
}
