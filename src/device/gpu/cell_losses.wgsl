// The losses of single cells, such as the validation cells, summed by workgroup.

struct Shape {
    count: u32,
    first_model: u32,  // position of the vectors, in vec4s
    first_task: u32,
    model_bias: u32,   // position of the biases, in numbers
    task_bias: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> cells: array<u32>;      // (count, 3): model, task, the value's bits
@group(0) @binding(3) var<storage, read_write> sums: array<f32>; // (workgroups)

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let place = group.y * groups.x + group.x;
    let at = place * 256u + thread;
    var loss = 0.0;
    if at < shape.count {
        let model = cells[3u * at];
        let task = cells[3u * at + 1u];
        let value = bitcast<f32>(cells[3u * at + 2u]);
        var z = bias(shape.model_bias + model) + bias(shape.task_bias + task);
        for (var k = 0u; k < LINES; k++) {
            z += dot(vectors[shape.first_model + model * LINES + k], vectors[shape.first_task + task * LINES + k]);
        }
        loss = max(z, 0.0) - value * z + log(1.0 + exp(-abs(z)));
    }
    let sum = sum_of_threads(thread, loss);
    if thread == 0u && place < arrayLength(&sums) {
        sums[place] = sum;
    }
}
