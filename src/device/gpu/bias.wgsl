// The parameters of a factorisation as one buffer of vec4s.

@group(0) @binding(1) var<storage, read> vectors: array<vec4f>; // both sides' vectors, then the biases

fn bias(at: u32) -> f32 {
    return vectors[at / 4u][at % 4u];
}
