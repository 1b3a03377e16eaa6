// One step of Adam, or of AdamW where `decay` is not zero (Loshchilov & Hutter 2019), over all trained parameters.

@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<vec2f>; // first and second; their number is that of the trained parameters

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

@compute @workgroup_size(256)
fn main(thread: Thread) {
    let at = index_of(thread, 256u);
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
