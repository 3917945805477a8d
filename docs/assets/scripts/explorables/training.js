// Model states in training: ZeRO's stages, precision, optimizer, LoRA, and the models of PPO and its kin. The numbers
// are those of zero-redundancy-optimizer, ppo-four-models-memory and memory-efficient-llm-methods.
(() => {
  "use strict";

  const { number, short, picture, label, bars } = explorables;

  /* Arithmetic ---------------------------------------------------------------------------------------------------
     Bytes a parameter: weights, gradients, and what the optimizer holds, its fp32 copy of the weights included. */

  const precisions = { mixed: [2, 2, 4], "mixed-32": [2, 4, 4], full: [4, 4, 0] };
  const moments = { adam: 8, "adam-8bit": 2, muon: 4, adafactor: 0 };

  function bytes(precision, optimizer) {
    const [weights, gradients, copy] = precisions[precision];
    return { weights, gradients, optimizer: copy + moments[optimizer] };
  }

  // What each method has on the GPUs: models that are trained, and frozen ones besides.
  const methods = {
    one: { trained: ["actor"], frozen: [] },
    ppo: { trained: ["actor", "critic"], frozen: ["rm", "ref"] },
    grpo: { trained: ["actor"], frozen: ["rm", "ref"] },
    "grpo-rule": { trained: ["actor"], frozen: ["ref"] },
    "grpo-free": { trained: ["actor"], frozen: [] },
    dpo: { trained: ["actor"], frozen: ["ref"] },
  };
  const BASE = { lora: 1, qlora: 1 / 4 }; // of its bytes in 16 bits

  /** All copies together, in GB for `psi` billions of parameters: { weights, gradients, optimizer, frozen }. */
  function states({ psi, method, train, adapter, precision, optimizer, offload }) {
    const each = bytes(precision, optimizer);
    const { trained, frozen } = methods[method];
    const share = train === "full" ? 1 : adapter;
    const parts = Object.fromEntries(Object.entries(each).map(([name, one]) => [name, one * psi * share * trained.length]));
    if (train === "full") return { ...parts, frozen: offload ? 0 : each.weights * psi * frozen.length };
    // One base for all; the reward model is a set of adapters, the reference the base without any.
    const reward = frozen.includes("rm") ? adapter * each.weights * psi : 0;
    return { ...parts, frozen: BASE[train] * each.weights * psi + reward };
  }

  /** What of it each of `gpus` holds at a stage of ZeRO. */
  function onEach(parts, stage, gpus) {
    const over = (from) => (stage >= from ? gpus : 1);
    return { weights: parts.weights / over(3), gradients: parts.gradients / over(2), optimizer: parts.optimizer / over(1), frozen: parts.frozen / over(3) };
  }

  /** Elements that a GPU sends in a step, in units of the trained parameters, without the (N - 1) / N of a ring. */
  const sent = (stage, micro) => [2, 2, micro + 1, 3 * micro][stage];

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "训练显存：模型状态",
      method: "方法",
      methods: { one: "一个模型", ppo: "PPO 四个模型", grpo: "GRPO", "grpo-rule": "GRPO，规则奖励", "grpo-free": "再去掉参考", dpo: "DPO" },
      psi: "参数量 Ψ",
      train: "训练什么",
      trains: { full: "全部", lora: "LoRA", qlora: "4 位基座" },
      adapter: "适配器占参数",
      precision: "精度",
      precisions: { mixed: "bf16", "mixed-32": "bf16，fp32 梯度", full: "fp32" },
      optimizer: "优化器",
      optimizers: { adam: "Adam", "adam-8bit": "8 位 Adam", muon: "Muon", adafactor: "Adafactor" },
      stage: "ZeRO 级别",
      stages: ["数据并行", "第 1 级", "第 2 级", "第 3 级"],
      gpus: "卡数 *N*",
      micro: "梯度累积次数",
      offload: "RM 与参考放到 CPU",
      parts: { weights: "参数", gradients: "梯度", optimizer: "优化器", frozen: "冻结" },
      unit: "每张卡的 GB；右边是每步发送的元素",
      other: "换一种方法，每张卡的 GB；末段是冻结的模型",
      tell({ parts, total, fits, sent: elements, gigabytes, whole, gpus }) {
        const card = fits ? `${fits} GB 的卡装得下` : "141 GB 的卡也装不下";
        return `每张卡 ${total} GB（${parts.map(([name, gb]) => `${name} ${gb}`).join("，")}）：${card}，激活另计。${gpus} 张卡一共存 ${whole} GB。每步每卡发送约 ${elements}Ψ 个元素，${gigabytes} GB。`;
      },
      describe: (stages, others) => `横条图，每张卡的 GB：${stages.join("；")}。换一种方法：${others.join("；")}。`,
    },
    en: {
      title: "model states in training",
      method: "Method",
      methods: { one: "one model", ppo: "PPO, four models", grpo: "GRPO", "grpo-rule": "GRPO, rule reward", "grpo-free": "and no reference", dpo: "DPO" },
      psi: "Parameters Ψ",
      train: "What is trained",
      trains: { full: "all", lora: "LoRA", qlora: "on 4 bits" },
      adapter: "Adapters’ share",
      precision: "Precision",
      precisions: { mixed: "bf16", "mixed-32": "bf16, fp32 grads", full: "fp32" },
      optimizer: "Optimizer",
      optimizers: { adam: "Adam", "adam-8bit": "8-bit Adam", muon: "Muon", adafactor: "Adafactor" },
      stage: "ZeRO stage",
      stages: ["replicated", "stage 1", "stage 2", "stage 3"],
      gpus: "GPUs *N*",
      micro: "Accumulation",
      offload: "RM and reference on the CPU",
      parts: { weights: "weights", gradients: "gradients", optimizer: "optimizer", frozen: "frozen" },
      unit: "GB on each GPU; behind it, elements sent in a step",
      other: "other methods; the last piece is frozen models",
      tell({ parts, total, fits, sent: elements, gigabytes, whole, gpus }) {
        const card = fits ? `a card of ${fits} GB holds it` : "more than a card of 141 GB holds";
        return `${total} GB on each GPU (${parts.map(([name, gb]) => `${name} ${gb}`).join(", ")}): ${card}, activations aside. ${gpus} GPUs hold ${whole} GB together. In a step each sends about ${elements}Ψ elements, ${gigabytes} GB.`;
      },
      describe: (stages, others) => `Lying bars, GB on each GPU: ${stages.join("; ")}. Other methods: ${others.join("; ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const CARDS = [24, 48, 80, 141];
  const NAMES = ["weights", "gradients", "optimizer", "frozen"];
  const KINDS = { weights: "p1", gradients: "p2", optimizer: "p3", frozen: "p5" };
  const low = (state) => state.train !== "full";

  const controls = (say) => [
    { name: "method", kind: "select", label: say.method, value: "one", options: Object.entries(say.methods) },
    { name: "psi", kind: "range", label: say.psi, value: 7.5, min: 0.1, max: 700, log: true, steps: 120, format: (psi) => `${short(psi)}B` },
    { name: "gpus", kind: "range", label: say.gpus, value: 64, stops: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], format: (n) => number(n) },
    { name: "stage", kind: "choice", label: say.stage, value: "1", options: ["0", "1", "2", "3"].map((stage) => [stage, stage]) },
    { name: "precision", kind: "select", label: say.precision, value: "mixed", options: Object.entries(say.precisions) },
    { name: "optimizer", kind: "select", label: say.optimizer, value: "adam", options: Object.entries(say.optimizers) },
    { name: "train", kind: "choice", label: say.train, value: "full", options: Object.entries(say.trains) },
    { name: "adapter", kind: "range", label: say.adapter, value: 0.005, stops: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05], format: (share) => `${number(100 * share, 1)}%`, enabled: low },
    { name: "micro", kind: "range", label: say.micro, value: 1, stops: [1, 2, 4, 8, 16, 32, 64], format: (n) => number(n) },
    { name: "offload", kind: "toggle", label: say.offload, value: false, enabled: (state) => !low(state) && methods[state.method].frozen.length > 0 },
  ];

  const total = (parts) => NAMES.reduce((sum, name) => sum + parts[name], 0);

  function compute(state) {
    const whole = states(state);
    const stage = Number(state.stage);
    const others = Object.keys(methods).map((method) => ({ method, parts: onEach(states({ ...state, method }), stage, state.gpus) }));
    const trained = methods[state.method].trained.length * state.psi * (low(state) ? state.adapter : 1);
    const gigabytes = sent(stage, state.micro) * trained * precisions[state.precision][0] * ((state.gpus - 1) / state.gpus);
    return { stages: [0, 1, 2, 3].map((one) => onEach(whole, one, state.gpus)), others, gigabytes, stage };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const gb = (value) => (value >= 999.5 ? number(value) : value >= 9.995 ? number(value, 1) : number(value, 2));
  const height = () => 372;
  const pieces = (parts) => NAMES.map((name) => ({ name, value: parts[name], kind: KINDS[name] }));

  /** The names of the first row's pieces above them, moved to the right where they would touch. */
  function names(parts, x, y, say) {
    let at = 0;
    let free = 0;
    return pieces(parts).filter(({ value }) => value > 0).map(({ name, value }) => {
      const text = say.parts[name];
      const width = [...text].reduce((sum, one) => sum + (one > "\u2e80" ? 13 : 7.2), 0);
      const middle = (x(at) + x((at += value))) / 2;
      const start = Math.max(middle - width / 2, free);
      free = start + width + 10;
      return label(start, y, text);
    });
  }

  function draw({ result, state, words: say, width }) {
    const left = 78;
    const right = width - 96;
    const max = Math.max(...result.stages.map(total));
    const stages = bars({
      left,
      right,
      top: 44,
      max,
      under: true,
      refs: CARDS.map((card) => ({ at: card, label: String(card) })),
      rows: result.stages.map((parts, i) => ({ label: say.stages[i], pieces: pieces(parts), text: `${gb(total(parts))} · ${sent(i, state.micro)}Ψ`, chosen: i === result.stage })),
    });
    const others = bars({
      left: 134,
      right: width - 60,
      top: stages.bottom + 50,
      max: Math.max(...result.others.map((one) => total(one.parts))),
      pitch: 25,
      thick: 11,
      rows: result.others.map(({ method, parts }) => ({ label: say.methods[method], pieces: pieces(parts), text: gb(total(parts)), chosen: method === state.method })),
    });
    return picture(width, height(), label(0, 13, say.unit), names(result.stages[0], stages.x, 36, say), stages.nodes, label(0, stages.bottom + 34, say.other), others.nodes);
  }

  function tell({ result, state, words: say }) {
    const parts = result.stages[result.stage];
    const sum = total(parts);
    return say.tell({
      parts: pieces(parts).filter(({ value }) => value > 0).map(({ name, value }) => [say.parts[name], gb(value)]),
      total: gb(sum),
      fits: CARDS.find((card) => card >= sum),
      sent: sent(result.stage, state.micro),
      gigabytes: gb(result.gigabytes),
      whole: gb(sum * state.gpus),
      gpus: number(state.gpus),
    });
  }

  const describe = ({ result, words: say }) =>
    say.describe(
      result.stages.map((parts, i) => `${say.stages[i]} ${gb(total(parts))}`),
      result.others.map(({ method, parts }) => `${say.methods[method]} ${gb(total(parts))}`),
    );

  explorables.define("training", { words, controls, arithmetic: { bytes, states, onEach, sent, compute }, compute, height, draw, tell, describe, lines: { zh: [2, 4], en: [3, 5] } });
})();
