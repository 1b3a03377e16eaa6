// The backward pass of `describe`: the gradient by the table from the gradient by the input. A workgroup handles one number of
// the input and one of the table values in its sum, a thread one cell. Of the cells with the same table value the first one
// adds up all of them, so that no two threads write to one place. The gradient of table values without a cell is not written.

@group(0) @binding(5) var<storage, read> input: array<f32>;          // the gradient: (batch, width)
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>; // the table's first

var<workgroup> rows: array<u32, 256>;
var<workgroup> pulls: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let column = columns[group.x];
    var row = NOTHING;
    if thread < shape.batch {
        let cell = 3u * (step.slot * shape.batch + thread);
        if is_visible(cell, column) {
            let feature = features[first_feature(cell, column) + group.y];
            row = feature.x;
            pulls[thread] = bitcast<f32>(feature.y) * input[thread * shape.width + group.x];
        }
    }
    rows[thread] = row;
    workgroupBarrier();
    if row == NOTHING {
        return;
    }
    for (var before = 0u; before < thread; before++) {
        if rows[before] == row {
            return;
        }
    }
    var sum = 0.0;
    for (var at = thread; at < shape.batch; at++) {
        sum += select(0.0, pulls[at], rows[at] == row);
    }
    gradient[row + column.x] = sum;
}
