// The same epoch in TensorFlow.js on its wasm backend, the fastest that Node has without native code.
//
//   node lrmf.mjs NODE_MODULES MODELS ITEMS DIM    prints {"ms_per_epoch": ...}, the shortest of 10

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, models, items, dim] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const require = createRequire(join(folder, "package.json"));
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm").setWasmPaths(join(folder, "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
await tf.setBackend("wasm");
await tf.ready();
const solved = tf.tidy(() => tf.randomUniform([models, items]).less(0.5).toFloat());
const variables = [[models, dim], [items, dim], [models, 1], [1, items]].map((shape) => tf.variable(tf.randomNormal(shape, 0, 0.1)));
const [m, x, b, c] = variables;
const adam = tf.train.adam(3e-3);
const objective = () => {
  const logits = m.matMul(x, false, true).add(b).add(c);
  const loss = logits.relu().sub(logits.mul(solved)).add(logits.abs().neg().exp().add(1).log()).mean();
  return loss.add(tf.addN([m, x, b].map((values) => values.square().sum())).mul(1e-5));
};
const times = [];
for (let epoch = 0; epoch < 11; epoch++) {
  const started = process.cpuUsage().user;
  const loss = adam.minimize(objective, true, variables);
  loss.dataSync();
  loss.dispose();
  if (epoch > 0) times.push((process.cpuUsage().user - started) / 1000);
}
console.log(JSON.stringify({ ms_per_epoch: Math.min(...times) }));
