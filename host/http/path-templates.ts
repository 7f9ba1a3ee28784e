import { ConfigurationError } from '#shared/errors/errors.ts';

/** What a request's method and path lead to. */
export type RouteMatch<Target> =
  | {
      readonly found: 'route';
      readonly target: Target;
      readonly routeKey: string;
      readonly params: Record<string, string>;
    }
  | { readonly found: 'other-methods'; readonly methods: readonly string[] }
  | { readonly found: 'nothing' };

interface Template<Target> {
  readonly method: string;
  readonly path: string;
  readonly segments: readonly string[];
  /** The same for routes that no request could tell apart. */
  readonly shape: string;
  /** Sorts literal segments before variable ones, from the left. */
  readonly rank: string;
  readonly target: Target;
}

/**
 * Routes with path templates as API Gateway's HTTP API has them: `/devices/{deviceId}`. A literal segment wins over a
 * variable one; a variable takes exactly one segment that is not empty and is handed over as it came, percent-encoded.
 */
export class PathTemplates<Target> {
  readonly #templates: Template<Target>[] = [];

  /** Throws `ConfigurationError` for greedy variables (`{proxy+}`), `$default`, `ANY`, and a route that is there already. */
  add(method: string, path: string, target: Target): void {
    const routeKey = `${method} ${path}`;
    if (!/^(GET|POST|PUT|PATCH|DELETE)$/.test(method)) {
      throw new ConfigurationError(`route ${routeKey}: the method must be GET, POST, PUT, PATCH or DELETE`);
    }
    if (!/^(\/([A-Za-z0-9._~-]+|\{[A-Za-z0-9_]+\}))+$/.test(path)) {
      throw new ConfigurationError(`route ${routeKey}: a segment must be plain text or one {variable}`);
    }
    const segments = path.slice(1).split('/');
    const [shape, rank] = [shapeOf(segments), rankOf(segments)];
    const same = this.#templates.find((other) => other.method === method && other.shape === shape);
    if (same !== undefined) throw new ConfigurationError(`route ${routeKey} is there twice`);
    const after = this.#templates.findIndex((other) => rank < other.rank);
    const template = { method, path, segments, shape, rank, target };
    this.#templates.splice(after === -1 ? this.#templates.length : after, 0, template);
  }

  /** `path` is the raw path, without the query. */
  match(method: string, path: string): RouteMatch<Target> {
    const segments = path.slice(1).split('/');
    const fitting = this.#templates.filter((template) => fits(template.segments, segments));
    const found = fitting.find((template) => template.method === method);
    if (found !== undefined) {
      const params = paramsOf(found.segments, segments);
      return { found: 'route', target: found.target, routeKey: `${found.method} ${found.path}`, params };
    }
    if (fitting.length === 0) return { found: 'nothing' };
    return { found: 'other-methods', methods: [...new Set(fitting.map((template) => template.method))] };
  }
}

const isVariable = (segment: string): boolean => segment.startsWith('{');

const shapeOf = (segments: readonly string[]): string =>
  segments.map((segment) => (isVariable(segment) ? '{}' : segment)).join('/');

const rankOf = (segments: readonly string[]): string =>
  segments.map((segment) => (isVariable(segment) ? '1' : '0')).join('');

function fits(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, at) => (isVariable(part) ? segments[at] !== '' : part === segments[at]))
  );
}

function paramsOf(template: readonly string[], segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    template.flatMap((part, at) => (isVariable(part) ? [[part.slice(1, -1), segments[at] ?? '']] : [])),
  );
}
