// The features of a batch's models and tasks: each number of the network's input is a sum of table values, weighted.

struct Shape {
    batch: u32,    // at most 256
    width: u32,    // width of the input
    turns: u32,    // the most table values in the sum of one number
    models: u32,   // entries of `features` per model
    tasks: u32,    // entries of `features` per task
    first_task: u32,
}

@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;      // (batches, batch, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read> columns: array<vec4u>;  // (width): index in its block, first entry, side, latent
@group(0) @binding(4) var<storage, read> features: array<vec2u>; // position of a table row, and the bits of its factor

const HIDDEN = 0x80000000u;  // flag of a model or task whose latent vector is hidden
const NOTHING = 0xffffffffu; // no cell, no row

// Whether a cell exists, and its model or task uses this column of the input.
fn is_visible(cell: u32, column: vec4u) -> bool {
    return cells[cell] != NOTHING && !(column.w == 1u && (cells[cell + column.z] & HIDDEN) != 0u);
}

// The first entry of `features` for a cell's model or task in this column of the input.
fn first_feature(cell: u32, column: vec4u) -> u32 {
    let entity = cells[cell + column.z] & ~HIDDEN;
    return column.y + select(shape.first_task + entity * shape.tasks, entity * shape.models, column.z == 0u);
}
