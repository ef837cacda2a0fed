import { Command, InvalidArgumentError } from 'commander';
import { readJwks, type Jwks } from './services/apigateway/authorizers/index.ts';

export interface Options {
  readonly port: number;
  readonly apiPort: number;
  readonly fleet: string;
  readonly assembly: string;
  readonly speed: number;
  readonly jwks?: Jwks;
}

const FASTEST = 600;

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535.');
  }
  return port;
}

function parseSpeed(text: string): number {
  const speed = text.trim() === '' ? Number.NaN : Number(text);
  if (!(speed >= 1 && speed <= FASTEST)) {
    throw new InvalidArgumentError(`a speed is a number from 1 (real time) to ${FASTEST} (ten minutes in a second).`);
  }
  return speed;
}

/** `ISSUER=FILE`, given as often as there are issuers. */
function parseJwks(text: string, before: Jwks = {}): Jwks {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('name an issuer and a file: https://issuer.example=keys.json.');
  return { ...before, [text.slice(0, at)]: readJwks(text.slice(at + 1)) };
}

/** The command line of `npm run sandbox`. */
export const sandboxCommand = (): Command =>
  new Command('npm run sandbox --')
    .description('Loads a synthesized CDK assembly into an embedded AWS and keeps it running on 127.0.0.1.')
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 4600)
    .option('--api-port <number>', 'port of the first HTTP API; 0 picks free ones', parsePort, 4601)
    .option('--fleet <name or file>', 'machines to start: "demo", or a JSON file (docs/sandbox.md)', 'demo')
    .option('--assembly <folder>', 'output folder of cdk synth', 'cdk.out')
    .option('--speed <factor>', `how fast time goes, 1 (real) to ${FASTEST} times`, parseSpeed, 1)
    .option('--jwks <issuer=file>', 'keys of an issuer that a JWT authorizer trusts; may be repeated', parseJwks)
    .showHelpAfterError();
