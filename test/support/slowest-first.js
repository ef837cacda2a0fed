import Sequencer from '@jest/test-sequencer';

/** Folders of the tests that take longest, in that order: begun last, they would keep one of the processes alone. */
const SLOW = ['test/simulation/', 'test/scenarios/', 'test/infra/', 'test/bench/'];

const rank = ({ path }) => {
  const place = SLOW.findIndex((folder) => path.includes(`/${folder}`));
  return place < 0 ? SLOW.length : place;
};

/** Jest begins with the largest files where it has no times of an earlier run, as in CI; the largest are not the slowest. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
