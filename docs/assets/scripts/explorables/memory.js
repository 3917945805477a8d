// What a model takes in inference: weights, KV cache, activations, and which card holds them. The numbers are those of
// kv-cache, mha-gqa-mqa, gpt3-parameter-count, inference-gpu-memory-growth and memory-efficient-llm-methods.
(() => {
  "use strict";

  const { number, short, picture, label, bars } = explorables;

  /* Arithmetic ---------------------------------------------------------------------------------------------------
     A model: layers, width d, heads h, kv_heads, head_width d_k, ffn, vocabulary; experts in a layer and active
     ones among them (1 and 1: a plain FFN), shared ones besides; dense: how many first layers have no experts, only an
     FFN as wide as the active and shared ones; latent: MLA; style "llama" (RMSNorm, gated FFN, no biases, an output layer of its own)
     or "gpt" (LayerNorm, biases, plain FFN, tied output layer, a table of positions). */

  const LATENT = 512; // MLA as in DeepSeek-V2 and V3
  const ROPE = 64;
  const QUERY_RANK = 1536;
  const POSITIONS = 2048; // the table of GPT-3

  /** Parameters of one layer's attention, biases left out. */
  function attention({ width: d, heads: h, kv_heads: shared, head_width: k, latent }) {
    if (!latent) return 2 * d * h * k + 2 * d * shared * k;
    const queries = d * QUERY_RANK + QUERY_RANK + QUERY_RANK * h * (k + ROPE);
    return queries + d * (LATENT + ROPE) + LATENT + LATENT * h * 2 * k + h * k * d;
  }

  /** { total, linear, inAttention }: all parameters, those in matrices of layers, and of these those of attention. */
  function parameters(model) {
    const { layers, width: d, ffn, vocabulary, experts, active, shared, dense, style } = model;
    const inAttention = layers * attention(model);
    if (style === "gpt") {
      const linear = inAttention + layers * 2 * d * ffn;
      const biases = layers * ((model.heads + 2 * model.kv_heads) * model.head_width + d + ffn + d + 4 * d) + 2 * d;
      return { total: linear + biases + (vocabulary + POSITIONS) * d, linear, inAttention };
    }
    const sparse = experts > 1 ? layers - Math.min(dense, layers) : 0;
    const one = 3 * d * ffn;
    const linear = inAttention + (layers - sparse) * one * (active + shared) + sparse * (one * (experts + shared) + d * experts);
    return { total: linear + 2 * vocabulary * d + (2 * layers + 1) * d, linear, inAttention };
  }

  /** Numbers that one layer caches for a token. */
  const cached = ({ kv_heads: shared, head_width: k, latent }) => (latent ? LATENT + ROPE : 2 * shared * k);

  // Bits a number, scales included: weights in groups of 128 with an fp16 scale and a 4-bit zero point, the cache with
  // a scale and a zero point of 16 bits each for 128.
  const weightBits = { 16: 16, 8: 8, 4: 4 + 20 / 128 };
  const cacheBits = { 16: 16, 8: 8, 4: 4 + 32 / 128 };

  /** Bytes of weights { attention, ffn, rest }; quantization takes in the matrices of layers alone. */
  function weights(model, bits) {
    const { total, linear, inAttention } = parameters(model);
    const each = weightBits[bits] / 8;
    return { attention: inAttention * each, ffn: (linear - inAttention) * each, rest: 2 * (total - linear) };
  }

  /** The share of the cache on each of `gpus` under tensor parallelism: heads are dealt out, never cut; a latent has one. */
  const held = ({ kv_heads: heads, latent }, gpus) => (latent ? 1 : Math.max(1, Math.floor(heads / gpus)) / heads);

  /** Bytes of cache a token. */
  const cacheToken = (model, bits) => (model.layers * cached(model) * cacheBits[bits]) / 8;

  /** Bytes at the peak of a pass over `tokens`: one layer's activations, or the fp32 logits of `rows` positions. */
  function activations(model, tokens, rows) {
    const inner = model.ffn * (model.active + model.shared);
    const matrices = model.style === "gpt" ? 2 : 3;
    return Math.max(2 * tokens * (6 * model.width + matrices * inner), 4 * rows * model.vocabulary);
  }

  /** The same layers under another scheme of attention. */
  const schemes = {
    mha: (model) => ({ ...model, latent: false, kv_heads: model.heads }),
    gqa: (model) => ({ ...model, latent: false, kv_heads: model.kv_heads > 1 && model.kv_heads < model.heads && !model.latent ? model.kv_heads : Math.min(8, model.heads) }),
    mqa: (model) => ({ ...model, latent: false, kv_heads: 1 }),
    mla: (model) => ({ ...model, latent: true }),
  };

  const schemeOf = ({ latent, heads, kv_heads: shared }) => (latent ? "mla" : shared === 1 ? "mqa" : shared < heads ? "gqa" : "mha");

  /* Models ----------------------------------------------------------------------------------------------------- */

  const llama = { experts: 1, active: 1, shared: 0, dense: 0, latent: false, style: "llama", head_width: 128 };
  const models = {
    "llama-2-7b": { ...llama, layers: 32, width: 4096, heads: 32, kv_heads: 32, ffn: 11008, vocabulary: 32000 },
    "llama-3-8b": { ...llama, layers: 32, width: 4096, heads: 32, kv_heads: 8, ffn: 14336, vocabulary: 128256 },
    "llama-3-70b": { ...llama, layers: 80, width: 8192, heads: 64, kv_heads: 8, ffn: 28672, vocabulary: 128256 },
    "gpt-3": { ...llama, style: "gpt", layers: 96, width: 12288, heads: 96, kv_heads: 96, ffn: 49152, vocabulary: 50257 },
    "deepseek-v3": { ...llama, layers: 61, width: 7168, heads: 128, kv_heads: 128, ffn: 2048, vocabulary: 129280, experts: 256, active: 8, shared: 1, dense: 3, latent: true },
  };
  const modelNames = { "llama-2-7b": "Llama 2 7B", "llama-3-8b": "Llama 3 8B", "llama-3-70b": "Llama 3 70B", "gpt-3": "GPT-3 175B", "deepseek-v3": "DeepSeek-V3" };
  const typed = ["layers", "width", "heads", "kv_heads", "head_width", "ffn", "vocabulary", "experts", "active", "shared", "dense"];

  const modelOf = (state) => ({ ...Object.fromEntries(typed.map((name) => [name, state[name]])), active: Math.min(state.active, state.experts), kv_heads: Math.min(state.kv_heads, state.heads), style: state.style, latent: state.attention === "mla" });
  const CARDS = [24, 48, 80, 141];
  const CONTEXTS = Array.from({ length: 23 }, (_, i) => (i % 2 ? 768 : 512) * 2 ** Math.floor(i / 2)); // 512, 768, 1,024 … 1,048,576
  const GIB = 2 ** 30;
  const UNITS = { gib: ["GiB", GIB], gb: ["GB", 1e9] };

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "推理显存：放得进哪张卡",
      model: "模型",
      own: "自己的数",
      attention: "注意力",
      batch: "并发序列 *B*",
      context: "每条的 token 数 *T*",
      pass: "一遍前向的 token 数",
      gpus: "张量并行的卡数",
      parts: { attention: "注意力权重", ffn: "FFN 权重", rest: "嵌入等", cache: "KV 缓存", activations: "激活", all: "合计" },
      weights: "权重的位数",
      cache: "KV 缓存的位数",
      logits: "保留所有位置的 logits",
      details: "改模型的尺寸",
      style: "层的样式",
      styles: { llama: "LLaMA", gpt: "GPT-3" },
      typed: { layers: "层数 *L*", width: "宽度 *d*", heads: "query 头 *h*", kv_heads: "KV 头 *h*_{kv}", head_width: "头宽 *d*_{k}", ffn: "FFN 宽", vocabulary: "词表", experts: "每层专家", active: "激活的专家", shared: "共享专家", dense: "稠密的前几层" },
      unit: "单位",
      each: (unit, gpus) => (gpus > 1 ? `每张卡的 ${unit}，共 ${gpus} 张` : unit),
      schemes: "换一种注意力，其余不变：缓存，与每层每个 token 的数",
      tell({ who, parameters, perToken, weights, total, gpus, fits, left, more, count, even, unit }) {
        const card = fits ? `${fits} GiB 的卡放得下，剩 ${left} ${unit}，还能缓存 ${more} 个 token` : `80 GiB 的卡至少要 ${count} 张来分`;
        return `${who}，${short(parameters / 1e8, 4)} 亿参数，权重 ${weights} ${unit}；缓存每个 token ${perToken} KiB，到 ${even} 个 token 时与全部权重一样大。${gpus > 1 ? `${gpus} 张卡平分，每张` : "合计"} ${total} ${unit}：${card}（CUDA 上下文与碎片另计）。`;
      },
      describe: (parts, others, unit) => `横条图，单位 ${unit}：${parts.join("；")}。同样的尺寸下四种注意力的缓存：${others.join("；")}。`,
    },
    en: {
      title: "memory in inference",
      model: "Model",
      own: "your own",
      attention: "Attention",
      batch: "Sequences *B*",
      context: "Tokens in each *T*",
      pass: "Tokens in a pass",
      gpus: "GPUs, tensor parallel",
      parts: { attention: "attention", ffn: "FFN", rest: "embeddings", cache: "KV cache", activations: "activations", all: "sum" },
      weights: "Bits of weights",
      cache: "Bits of the cache",
      logits: "Keep logits of all positions",
      details: "Change the model’s dimensions",
      style: "Kind of layer",
      styles: { llama: "LLaMA", gpt: "GPT-3" },
      typed: { layers: "Layers *L*", width: "Width *d*", heads: "Query heads *h*", kv_heads: "KV heads *h*_{kv}", head_width: "Head width *d*_{k}", ffn: "FFN width", vocabulary: "Vocabulary", experts: "Experts a layer", active: "Active experts", shared: "Shared experts", dense: "First layers dense" },
      unit: "Unit",
      each: (unit, gpus) => (gpus > 1 ? `${unit} on each of ${gpus} GPUs` : unit),
      schemes: "other attention: cache · numbers a layer and token",
      tell({ who, parameters, perToken, weights, total, gpus, fits, left, more, count, even, unit }) {
        const card = fits ? `a card of ${fits} GiB holds it, with ${left} ${unit} left for ${more} more tokens` : `to be shared by at least ${count} cards of 80 GiB`;
        return `${who}, ${short(parameters / 1e9, 4)} billion parameters: weights ${weights} ${unit}. A token takes ${perToken} KiB of cache, which is as large as all the weights at ${even} tokens. ${gpus > 1 ? `On each of ${gpus} GPUs` : "In sum"} ${total} ${unit}: ${card} (CUDA context and fragmentation not counted).`;
      },
      describe: (parts, others, unit) => `Lying bars, in ${unit}: ${parts.join("; ")}. The cache of the same dimensions under four kinds of attention: ${others.join("; ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const ranges = { layers: [1, 200], width: [64, 32768], heads: [1, 256], kv_heads: [1, 256], head_width: [16, 512], ffn: [64, 131072], vocabulary: [256, 1000000], experts: [1, 512], active: [1, 64], shared: [0, 8], dense: [0, 100] };
  const first = models["llama-2-7b"];
  const BITS = ["16", "8", "4"].map((bits) => [bits, bits]);
  const open = (state) => state.details;
  const count = (value) => number(value);

  const controls = (say) => [
    { name: "model", kind: "select", label: say.model, value: "llama-2-7b", options: [...Object.entries(modelNames), ["own", say.own]] },
    { name: "batch", kind: "range", label: say.batch, value: 1, min: 1, max: 512, log: true, integer: true, steps: 54, format: count },
    { name: "context", kind: "range", label: say.context, value: 4096, stops: CONTEXTS, format: count },
    { name: "attention", kind: "choice", label: say.attention, value: "mha", options: [["mha", "MHA"], ["gqa", "GQA"], ["mqa", "MQA"], ["mla", "MLA"]] },
    { name: "weights", kind: "choice", label: say.weights, value: "16", options: BITS },
    { name: "cache", kind: "choice", label: say.cache, value: "16", options: BITS },
    { name: "pass", kind: "range", label: say.pass, value: 2048, stops: [1, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072], format: count },
    { name: "gpus", kind: "range", label: say.gpus, value: 1, stops: [1, 2, 4, 8, 16, 32], format: count },
    { name: "logits", kind: "toggle", label: say.logits, value: false },
    { name: "unit", kind: "choice", label: say.unit, value: "gib", options: Object.entries(UNITS).map(([name, [text]]) => [name, text]) },
    { name: "details", kind: "toggle", label: say.details, value: false },
    ...typed.map((name) => ({ name, kind: "number", label: say.typed[name], value: first[name], min: ranges[name][0], max: ranges[name][1], shown: open })),
    { name: "style", kind: "select", label: say.style, value: "llama", options: Object.entries(say.styles), shown: open },
  ];

  const same = (state, model) => typed.every((name) => state[name] === model[name]) && state.style === model.style && (state.attention === "mla") === model.latent;

  function settle(state, name) {
    if (name === "model") {
      if (state.model === "own") return { details: true };
      const { latent, ...rest } = models[state.model];
      return { ...rest, attention: schemeOf(models[state.model]) };
    }
    const changes = {};
    if (name === "attention") changes.kv_heads = schemes[state.attention](modelOf(state)).kv_heads;
    if (name === "kv_heads" || name === "heads") changes.attention = state.attention === "mla" ? "mla" : schemeOf(modelOf({ ...state, attention: "mha" }));
    if (name !== "attention" && !typed.includes(name) && name !== "style") return {};
    const next = { ...state, ...changes };
    changes.model = Object.keys(models).find((one) => same(next, models[one])) ?? "own";
    return changes;
  }

  function compute(state) {
    const model = modelOf(state);
    const tokens = state.batch * state.context;
    const inPass = Math.min(state.pass, tokens);
    const perToken = cacheToken(model, state.cache);
    const { gpus } = state;
    const whole = weights(model, state.weights);
    const parts = {
      ...Object.fromEntries(Object.entries(whole).map(([name, bytes]) => [name, bytes / gpus])),
      cache: perToken * held(model, gpus) * tokens,
      activations: activations(model, inPass, state.logits ? inPass : Math.min(state.batch, inPass)),
    };
    const sum = (list) => Object.values(list).reduce((a, b) => a + b);
    const others = Object.entries(schemes).map(([name, change]) => {
      const changed = name === state.attention ? model : change(model);
      return { name, values: cached(changed), bytes: cacheToken(changed, state.cache) * held(changed, gpus) * tokens, label: name === "gqa" ? `GQA-${changed.kv_heads}` : name.toUpperCase() };
    });
    return { parts, total: sum(parts), weights: sum(whole), perToken, share: held(model, gpus), others, parameters: parameters(model).total };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const sized = (bytes, { unit }) => {
    const value = bytes / UNITS[unit][1];
    return value >= 99.95 ? number(value) : value >= 9.995 ? number(value, 1) : number(value, 2);
  };
  const height = () => 350;
  const kinds = { attention: "p1", ffn: "p1", rest: "p1", cache: "p2", activations: "p3" };

  function draw({ result, state, words: say, width }) {
    const { parts, total, others } = result;
    const left = 92;
    const right = width - 66;
    const [unit, size] = UNITS[state.unit];
    const max = (Math.max((CARDS.find((card) => card * GIB >= total) ?? 0) * GIB, total) / size) * 1.04;
    let from = 0;
    const pieces = Object.entries(parts).map(([name, bytes]) => ({ name, value: bytes / size, kind: kinds[name] }));
    const rows = pieces.map((piece) => {
      const row = { label: say.parts[piece.name], from, pieces: [piece], text: sized(parts[piece.name], state) };
      from += piece.value;
      return row;
    });
    const sum = bars({
      left,
      right,
      top: 24,
      max,
      refs: CARDS.map((card) => ({ at: (card * GIB) / size, label: String(card) })),
      rows: [...rows, { label: say.parts.all, pieces, text: sized(total, state), chosen: true }],
    });
    const most = Math.max(...others.map((one) => one.bytes));
    const below = bars({
      left,
      right: width - 116,
      top: sum.bottom + 42,
      max: most,
      pitch: 25,
      thick: 11,
      rows: others.map((one) => ({
        label: one.label,
        pieces: [{ value: one.bytes, kind: "p2" }],
        text: `${sized(one.bytes, state)} · ${number(one.values)}`,
        chosen: one.name === state.attention,
        faint: one.name !== state.attention,
      })),
    });
    return picture(width, height(), label(0, 13, say.each(unit, state.gpus)), sum.nodes, label(0, sum.bottom + 24, say.schemes), below.nodes);
  }

  function tell({ result, state, words: say }) {
    const { total, perToken, share, weights: w } = result;
    const fits = CARDS.find((card) => card * GIB >= total);
    return say.tell({
      who: modelNames[state.model] ?? say.own,
      parameters: result.parameters,
      perToken: number(perToken / 1024, 1),
      gpus: state.gpus,
      unit: UNITS[state.unit][0],
      weights: sized(w, state),
      total: sized(total, state),
      fits,
      left: fits && sized(fits * GIB - total, state),
      more: fits && number(Math.floor((fits * GIB - total) / (perToken * share))),
      count: Math.ceil((total * state.gpus) / (80 * GIB)),
      even: number(Math.round(w / perToken)),
    });
  }

  const describe = ({ result, state, words: say }) =>
    say.describe(
      Object.entries({ ...result.parts, all: result.total }).map(([name, bytes]) => `${say.parts[name]} ${sized(bytes, state)}`),
      result.others.map((one) => `${one.label} ${sized(one.bytes, state)}`),
      UNITS[state.unit][0],
    );

  explorables.define("memory", {
    words,
    controls,
    arithmetic: { parameters, cached, weights, cacheToken, held, activations, model: (name) => models[name], scheme: (name, model) => schemes[name](model) },
    settle,
    compute,
    height,
    draw,
    tell,
    describe,
    lines: { zh: [3, 5], en: [4, 7] },
  });
})();
