// The table's gradient from that of the input: what `describe` does, backwards. A workgroup takes one number of the input and
// one of the table values that it may be the sum of, a thread a cell; the first cell of those with the same table value
// adds up for all of them, so that no two threads write to one place. Table values without a cell stay as they are.

struct Step {
    rate: f32,
    correction: f32,
    decay: f32,
    slot: u32,     // of this batch
}

struct Shape {
    batch: u32,    // at most 256
    width: u32,    // of the input
    turns: u32,    // table values that one number may be the sum of
    models: u32,   // pairs of `switched` that a model has
    tasks: u32,    // that a task has
    first_task: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;          // (batches, batch, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read> columns: array<vec4u>;      // (width): place in its block, first pair, side, latent
@group(0) @binding(4) var<storage, read> switched: array<vec2u>;     // a block's row in the table, and the bits of what it is times
@group(0) @binding(5) var<storage, read> input: array<f32>;          // the gradient: (batch, width)
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>; // the table's first

const HIDDEN = 0x80000000u;
const NOTHING = 0xffffffffu;

var<workgroup> rows: array<u32, 256>;
var<workgroup> pulls: array<f32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let column = columns[group.x];
    var row = NOTHING;
    if thread < shape.batch {
        let cell = 3u * (step.slot * shape.batch + thread);
        let entity = cells[cell + column.z];
        if cells[cell] != NOTHING && !(column.w == 1u && (entity & HIDDEN) != 0u) {
            let pair = select(shape.first_task + (entity & ~HIDDEN) * shape.tasks, (entity & ~HIDDEN) * shape.models, column.z == 0u);
            let found = switched[pair + column.y + group.y];
            row = found.x;
            pulls[thread] = bitcast<f32>(found.y) * input[thread * shape.width + group.x];
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
