// The settings of one step, for the shaders with a `Step` binding.

struct Step {
    rate: f32,        // the step length of Adam, with the bias correction of the first moment
    correction: f32,  // the bias correction of the second moment
    decay: f32,       // weight decay, times the step length
    slot: u32,        // index of the step's loss, or of its batch
    first: u32,       // the first loss that counts
    share: f32,       // weight of one cell in the batch's mean
}

@group(0) @binding(0) var<uniform> step: Step;
