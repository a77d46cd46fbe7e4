// vitest's JSON report, and in it the errors that no test had: vitest's own leaves them out.
import { JsonReporter } from 'vitest/node';

export default class extends JsonReporter {
  #unhandled = [];

  constructor() {
    super({});
  }

  async onTestRunEnd(modules, errors) {
    this.#unhandled = errors.map(({ name, message, VITEST_TEST_PATH }) => ({
      name,
      message,
      file: VITEST_TEST_PATH,
    }));
    await super.onTestRunEnd(modules);
  }

  async writeReport(report) {
    await super.writeReport(
      JSON.stringify({ ...JSON.parse(report), unhandledErrors: this.#unhandled }),
    );
  }
}
