// The network's input for a batch of cells: each number is a weighted sum of the table values of the cell's model or task. A
// thread computes one number.

@group(0) @binding(5) var<storage, read> parameters: array<f32>;  // the table first
@group(0) @binding(6) var<storage, read_write> input: array<f32>; // (batch, width)

@compute @workgroup_size(64)
fn main(thread: Thread) {
    let at = index_of(thread, 64u);
    if at >= shape.batch * shape.width {
        return;
    }
    let column = columns[at % shape.width];
    let cell = 3u * (step.slot * shape.batch + at / shape.width);
    var sum = 0.0;
    if is_visible(cell, column) {
        let first = first_feature(cell, column);
        for (var turn = 0u; turn < shape.turns; turn++) {
            let feature = features[first + turn];
            if feature.x != NOTHING {
                sum += bitcast<f32>(feature.y) * parameters[feature.x + column.x];
            }
        }
    }
    input[at] = sum;
}
