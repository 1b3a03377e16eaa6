// The expected scores of all nodes on some tasks: `logistic(m · x + b_u + b_i)`. A thread handles one node and 16 tasks.

struct Shape {
    rows: u32,
    first_row: u32,   // of the nodes' vectors, in vec4s
    row_bias: u32,    // of the nodes' biases, in numbers
    first_task: u32,  // position of the first task's vector, in vec4s
    task_bias: u32,   // position of the first task's bias, in numbers
    tasks: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read_write> scores: array<f32>; // (tasks, rows)

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let row = group.x * 64u + thread;
    if row >= shape.rows {
        return;
    }
    let first_line = shape.first_row + row * LINES;
    let row_bias = bias(shape.row_bias + row);
    let m$ = vectors[first_line + $u];
    let end = min(group.y * 16u + 16u, shape.tasks);
    for (var task = group.y * 16u; task < end; task++) {
        let x = shape.first_task + task * LINES;
        var products = vec4f(row_bias, bias(shape.task_bias + task), 0.0, 0.0);
        products += m$ * vectors[x + $u];
        let z = (products.x + products.y) + (products.z + products.w);
        let tail = exp(-abs(z));
        scores[task * shape.rows + row] = select(tail, 1.0, z >= 0.0) / (1.0 + tail);
    }
}
