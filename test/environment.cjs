// Native add-ons (onnxruntime-node, the TensorFlow binding) check `instanceof Float32Array` against Node's own realm;
// jest runs tests in another one. Sharing the typed arrays makes both agree; without it every inference call is
// refused. DataView stays the realm's own, so that what it throws is a RangeError there: msgpack's decoder asks for it.
const { TestEnvironment } = require('jest-environment-node');

class SharedTypedArrays extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of [
      'ArrayBuffer',
      'SharedArrayBuffer',
      'Float32Array',
      'Float64Array',
      'Int8Array',
      'Int16Array',
      'Int32Array',
      'BigInt64Array',
      'Uint8Array',
      'Uint8ClampedArray',
      'Uint16Array',
      'Uint32Array',
      'BigUint64Array',
    ]) {
      this.global[name] = globalThis[name];
    }
  }
}

module.exports = SharedTypedArrays;
