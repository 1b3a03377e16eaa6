//! `--device`: accepted values, refusals, and the device in the output.

use super::{TestDir, bundled, list};
use serde_json::json;

/// The loader of Vulkan drivers finds no driver.
const WITHOUT_GPU: [(&str, &str); 2] = [("VK_DRIVER_FILES", "/none.json"), ("VK_ICD_FILENAMES", "/none.json")];

#[test]
#[cfg(target_os = "linux")]
fn a_missing_device_is_a_failure_and_no_bad_input() {
    let dir = TestDir::new().with(&WITHOUT_GPU);
    for arguments in [
        &["train", &bundled(), "--method", "lrmf", "--device", "gpu", "-o", "m.eyas"][..],
        &["train", &bundled(), "--method", "ncf", "--device", "gpu", "-o", "m.eyas"],
        &["bench", "lrmf", "--device", "gpu"],
        &["bench", "mlp", "--device", "gpu"],
        &["bench", "score", "--models", "9", "--items", "9", "--device", "gpu"],
    ] {
        let line = dir.run(arguments).failed(1);
        assert!(line.starts_with("no GPU was found (looked for Vulkan"), "{line}");
    }
    // A training large enough that `auto` looks for a GPU.
    let size = ["bench", "lrmf", "--models", "700", "--items", "10000", "--epochs", "1", "--device", "auto"];
    let output = dir.run(&size).fine();
    assert!(output.contains("on the cpu (") && output.contains("no GPU was found"), "{output}");
}

#[test]
fn a_method_without_work_for_a_gpu_refuses_one() {
    let dir = TestDir::new();
    let line = dir.run(&["train", &bundled(), "--method", "mean", "--device", "gpu", "-o", "m.eyas"]).failed(1);
    assert!(line.contains("mean runs on the CPU alone"), "{line}");
}

/// Runs only if `EYAS_GPU` states that there is a device.
#[test]
fn a_model_trained_on_a_gpu_says_so_wherever_it_is_opened() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let dir = TestDir::new();
    let folder = dir.path("").display().to_string();
    let dir = dir.with(&[("XDG_RUNTIME_DIR", &folder)]);
    let train = |device, to| dir.run(&["train", &bundled(), "--method", "lrmf", "--device", device, "-o", to]).fine();
    let output = train("gpu", "gpu.eyas");
    assert!(output.starts_with("trained lrmf on the gpu (") && output.contains("asked for"), "{output}");
    train("cpu", "cpu.eyas");
    let predict = |model| dir.run(&["predict", "--model", model, "--facts", "params=7", "--json"]).json();
    let (gpu, cpu) = (predict("gpu.eyas"), predict("cpu.eyas"));
    assert_eq!((&gpu["device"], &cpu["device"]), (&json!("gpu"), &json!("cpu")));
    for (gpu, cpu) in list(&gpu["forecasts"]).iter().zip(list(&cpu["forecasts"])) {
        let apart = gpu["mean"].as_f64().unwrap() - cpu["mean"].as_f64().unwrap();
        assert!(apart.abs() < 1e-3, "{gpu} {cpu}");
    }
}

/// The memory of the driver itself is unknown. The limit therefore grows in steps smaller than one of the training's
/// buffers, from too little for the driver to enough for everything; at one step the allocation of that buffer fails.
#[test]
#[cfg(target_os = "linux")]
fn a_device_without_enough_memory_is_an_error_that_says_so() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let size =
        ["bench", "lrmf", "--device", "gpu", "--models", "2000", "--items", "2000", "--dim", "128", "--epochs", "1"];
    let mut errors = Vec::new();
    for mib in (400..).step_by(40) {
        let ran = TestDir::new().with_memory(mib).run(&size);
        if ran.code == Some(0) {
            break;
        }
        errors.push(ran.stderr.lines().last().unwrap_or_default().to_owned());
    }
    assert!(errors.iter().any(|line| line.ends_with("software: there is not enough memory")), "{errors:#?}");
}

#[test]
fn the_loss_on_a_gpu_is_the_loss_on_the_cpu() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let dir = TestDir::new();
    let folder = dir.path("").display().to_string();
    let dir = dir.with(&[("XDG_RUNTIME_DIR", &folder)]);
    let loss = |what, device| {
        let epochs = if what == "mlp" { "1" } else { "50" };
        let size = ["--models", "60", "--items", "100", "--dim", "32", "--epochs", epochs];
        let timing = dir.run(&[&["bench", what, "--json", "--device", device], &size[..]].concat()).json();
        assert_eq!(timing["device"], device);
        timing["loss"].as_f64().unwrap()
    };
    for what in ["lrmf", "mlp", "score"] {
        let (gpu, cpu) = (loss(what, "gpu"), loss(what, "cpu"));
        assert!((gpu - cpu).abs() < 1e-4 * cpu, "{what}: {gpu} {cpu}");
    }
}
