//! `--device`: what it takes, what it refuses, and that the output says which device it was.

use super::{Desk, bundled, list};
use serde_json::json;

/// The loader of Vulkan drivers is shown none.
const WITHOUT_GPU: [(&str, &str); 2] = [("VK_DRIVER_FILES", "/none.json"), ("VK_ICD_FILENAMES", "/none.json")];

#[test]
#[cfg(target_os = "linux")]
fn a_device_that_is_missing_is_a_failure_and_no_bad_input() {
    let desk = Desk::new().with(&WITHOUT_GPU);
    for arguments in [
        &["train", &bundled(), "--method", "lrmf", "--device", "gpu", "-o", "m.eyas"][..],
        &["train", &bundled(), "--method", "ncf", "--device", "gpu", "-o", "m.eyas"],
        &["bench", "lrmf", "--device", "gpu"],
        &["bench", "mlp", "--device", "gpu"],
        &["bench", "score", "--models", "9", "--items", "9", "--device", "gpu"],
    ] {
        let line = desk.run(arguments).failed(1);
        assert!(line.starts_with("no GPU was found (looked for Vulkan"), "{line}");
    }
    // Enough work to look for a GPU.
    let size = ["bench", "lrmf", "--models", "700", "--items", "10000", "--epochs", "1", "--device", "auto"];
    let told = desk.run(&size).fine();
    assert!(told.contains("on the cpu (") && told.contains("no GPU was found"), "{told}");
}

#[test]
fn a_method_without_work_for_a_gpu_refuses_one() {
    let desk = Desk::new();
    let line = desk.run(&["train", &bundled(), "--method", "mean", "--device", "gpu", "-o", "m.eyas"]).failed(1);
    assert!(line.contains("mean runs on the CPU alone"), "{line}");
}

/// Where `EYAS_GPU` says that there is a device.
#[test]
fn a_model_trained_on_a_gpu_says_so_wherever_it_is_opened() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let desk = Desk::new();
    let folder = desk.path("").display().to_string();
    let desk = desk.with(&[("XDG_RUNTIME_DIR", &folder)]);
    let train = |device, to| desk.run(&["train", &bundled(), "--method", "lrmf", "--device", device, "-o", to]).fine();
    let told = train("gpu", "gpu.eyas");
    assert!(told.starts_with("trained lrmf on the gpu (") && told.contains("asked for"), "{told}");
    train("cpu", "cpu.eyas");
    let predict = |model| desk.run(&["predict", "--model", model, "--facts", "params=7", "--json"]).json();
    let (gpu, cpu) = (predict("gpu.eyas"), predict("cpu.eyas"));
    assert_eq!((&gpu["device"], &cpu["device"]), (&json!("gpu"), &json!("cpu")));
    for (gpu, cpu) in list(&gpu["forecasts"]).iter().zip(list(&cpu["forecasts"])) {
        let apart = gpu["mean"].as_f64().unwrap() - cpu["mean"].as_f64().unwrap();
        assert!(apart.abs() < 1e-3, "{gpu} {cpu}");
    }
}

/// How much memory a driver takes for itself is its own business: in steps that are smaller than one of the training's buffers,
/// from too little for the driver to enough for all, there is one at which that buffer is what can't be had.
#[test]
#[cfg(target_os = "linux")]
fn a_device_without_enough_memory_is_an_error_that_says_so() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let size =
        ["bench", "lrmf", "--device", "gpu", "--models", "2000", "--items", "2000", "--dim", "128", "--epochs", "1"];
    let mut said = Vec::new();
    for mib in (400..).step_by(40) {
        let ran = Desk::new().with_memory(mib).run(&size);
        if ran.code == Some(0) {
            break;
        }
        said.push(ran.stderr.lines().last().unwrap_or_default().to_owned());
    }
    assert!(said.iter().any(|line| line.ends_with("software: there is not enough memory")), "{said:#?}");
}

#[test]
fn the_loss_on_a_gpu_is_the_loss_on_the_cpu() {
    if std::env::var_os("EYAS_GPU").is_none() {
        return;
    }
    let desk = Desk::new();
    let folder = desk.path("").display().to_string();
    let desk = desk.with(&[("XDG_RUNTIME_DIR", &folder)]);
    let loss = |what, device| {
        let epochs = if what == "mlp" { "1" } else { "50" };
        let size = ["--models", "60", "--items", "100", "--dim", "32", "--epochs", epochs];
        let timing = desk.run(&[&["bench", what, "--json", "--device", device], &size[..]].concat()).json();
        assert_eq!(timing["device"], device);
        timing["loss"].as_f64().unwrap()
    };
    for what in ["lrmf", "mlp", "score"] {
        let (gpu, cpu) = (loss(what, "gpu"), loss(what, "cpu"));
        assert!((gpu - cpu).abs() < 1e-4 * cpu, "{what}: {gpu} {cpu}");
    }
}
