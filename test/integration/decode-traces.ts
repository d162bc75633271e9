/** What a test's collector makes of OTLP: ExportTraceServiceRequest, as far as it is looked at. @see opentelemetry/proto/trace/v1/trace.proto */
export interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where the trace begins. */
  readonly parentId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Fields = ReadonlyMap<number, readonly Buffer[]>;

function readVarint(bytes: Buffer, at: number): readonly [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** The length-delimited fields of a message by their number; numbers are passed over. */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  while (at < message.length) {
    const [tag, afterTag] = readVarint(message, at);
    const wireType = tag & 7;
    at = afterTag;
    if (wireType === 0) [, at] = readVarint(message, at);
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else {
      const [length, start] = readVarint(message, at);
      at = start + length;
      const number = tag >>> 3;
      fields.set(number, [...(fields.get(number) ?? []), message.subarray(start, at)]);
    }
  }
  return fields;
}

const all = (fields: Fields, number: number): readonly Fields[] => (fields.get(number) ?? []).map(fieldsOf);
const text = (fields: Fields, number: number): string => fields.get(number)?.[0]?.toString() ?? '';
const hex = (fields: Fields, number: number): string => fields.get(number)?.[0]?.toString('hex') ?? '';

const attributesOf = (fields: Fields, number: number): Readonly<Record<string, string>> =>
  Object.fromEntries(all(fields, number).map((pair) => [text(pair, 1), all(pair, 2).map((value) => text(value, 1))[0] ?? '']));

export function decodeTraces(body: Buffer): readonly ReceivedSpan[] {
  return all(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const service = all(resourceSpans, 1).map((resource) => attributesOf(resource, 1)['service.name'])[0] ?? '';
    return all(resourceSpans, 2).flatMap((scopeSpans) =>
      all(scopeSpans, 2).map((span) => ({
        service,
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentId: hex(span, 4),
        name: text(span, 5),
        attributes: attributesOf(span, 9),
      })),
    );
  });
}
