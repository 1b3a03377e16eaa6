// One step of Adam, or of AdamW where `decay` is not zero (Loshchilov & Hutter 2019), over all parameters.

struct Step {
    rate: f32,        // the step length, corrected for the first moment's start at zero
    correction: f32,  // of the second moment
    decay: f32,       // times the step length
    slot: u32,        // of this step's loss
    first: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<vec2f>; // first and second; as long as what is moved

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (group.y * groups.x + group.x) * 256u + thread;
    if at >= arrayLength(&moments) {
        return;
    }
    let g = gradient[at];
    var moment = moments[at];
    moment += vec2f((1.0 - BETA_1) * (g - moment.x), (1.0 - BETA_2) * (g * g - moment.y));
    moments[at] = moment;
    let value = parameters[at];
    parameters[at] = value - step.decay * value - step.rate * moment.x / (sqrt(moment.y * step.correction) + EPSILON);
}
