// What every node is expected to score on one task: `logistic(m · x + b_u + b_i)`.

struct Shape {
    rows: u32,
    first_row: u32,  // of the nodes' vectors, in vec4s
    row_bias: u32,   // of the nodes' biases, in numbers
    task: u32,       // of the task's vector, in vec4s
    task_bias: u32,  // of the task's bias, in numbers
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>; // both sides' vectors, then the biases
@group(0) @binding(2) var<storage, read_write> scores: array<f32>;

fn bias(at: u32) -> f32 {
    return vectors[at / 4u][at % 4u];
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = (group.y * groups.x + group.x) * 64u + thread;
    if row >= shape.rows {
        return;
    }
    var z = bias(shape.row_bias + row) + bias(shape.task_bias);
    for (var k = 0u; k < LINES; k++) {
        z += dot(vectors[shape.first_row + row * LINES + k], vectors[shape.task + k]);
    }
    let tail = exp(-abs(z));
    scores[row] = select(tail, 1.0, z >= 0.0) / (1.0 + tail);
}
