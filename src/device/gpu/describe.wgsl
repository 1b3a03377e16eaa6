// A network's input for a batch of cells: each of its numbers is a sum of table values that the cell's model or task switches
// on, times a number each. A thread takes one number.

struct Step {
    rate: f32,
    correction: f32,
    decay: f32,
    slot: u32,     // of this batch
}

struct Shape {
    batch: u32,
    width: u32,    // of the input
    turns: u32,    // table values that one number may be the sum of
    models: u32,   // pairs of `switched` that a model has
    tasks: u32,    // that a task has
    first_task: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;       // (batches, batch, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read> columns: array<vec4u>;   // (width): place in its block, first pair, side, latent
@group(0) @binding(4) var<storage, read> switched: array<vec2u>;  // a block's row in the table, and the bits of what it is times
@group(0) @binding(5) var<storage, read> parameters: array<f32>;  // the table first
@group(0) @binding(6) var<storage, read_write> input: array<f32>; // (batch, width)

const HIDDEN = 0x80000000u;  // beside a model or task whose latent vector is hidden
const NOTHING = 0xffffffffu; // no cell, no row

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (group.y * groups.x + group.x) * 64u + thread;
    if at >= shape.batch * shape.width {
        return;
    }
    let column = columns[at % shape.width];
    let cell = 3u * (step.slot * shape.batch + at / shape.width);
    let entity = cells[cell + column.z];
    var sum = 0.0;
    if cells[cell] != NOTHING && !(column.w == 1u && (entity & HIDDEN) != 0u) {
        let pair = select(shape.first_task + (entity & ~HIDDEN) * shape.tasks, (entity & ~HIDDEN) * shape.models, column.z == 0u);
        for (var turn = 0u; turn < shape.turns; turn++) {
            let found = switched[pair + column.y + turn];
            if found.x != NOTHING {
                sum += bitcast<f32>(found.y) * parameters[found.x + column.x];
            }
        }
    }
    input[at] = sum;
}
