import type { Json } from '../json.ts';
import { onward, recovery, type Builder } from './builder.ts';
import type { ItemReader, MapState } from './model.ts';
import { Processor, STATES, type Read } from './schema.ts';

const READERS: Readonly<Record<string, ItemReader['resource']>> = {
  'arn:aws:states:::s3:getObject': 'getObject',
  'arn:aws:states:::s3:listObjectsV2': 'listObjectsV2',
};
const WRITER = 'arn:aws:states:::s3:putObject';
const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' } as const;
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'] as const;

function reader(
  { Resource, Arguments, ReaderConfig }: NonNullable<Read<'Map'>['ItemReader']>,
  at: string,
  builder: Builder,
): ItemReader | undefined {
  const resource = READERS[Resource];
  const { InputType, MaxItems, CSVHeaders, CSVHeaderLocation, CSVDelimiter } = ReaderConfig;
  if (resource === undefined) {
    builder.diagnostics.unsupported(`the ItemReader Resource '${Resource}'`, `${at}/ItemReader/Resource`);
    return undefined;
  }
  const inputType = InputType ?? 'JSON';
  if (inputType !== 'JSON' && inputType !== 'JSONL' && inputType !== 'CSV') {
    builder.diagnostics.unsupported(`the InputType '${inputType}'`, `${at}/ItemReader/ReaderConfig/InputType`);
    return undefined;
  }
  if (CSVHeaderLocation === 'GIVEN' && CSVHeaders === undefined) {
    builder.diagnostics.schema('These fields are required: [CSVHeaders]', `${at}/ItemReader/ReaderConfig`);
  }
  const fields = builder.fields(at);
  return {
    resource,
    inputType,
    maxItems: fields.optional(MaxItems, 'ItemReader/ReaderConfig/MaxItems'),
    csvHeaders: CSVHeaderLocation === 'GIVEN' ? CSVHeaders : undefined,
    csvDelimiter: DELIMITERS[CSVDelimiter],
    arguments: fields.template(Arguments, 'ItemReader/Arguments'),
  };
}

function distributed(read: Read<'Map'>, name: string, at: string, builder: Builder): MapState['distributed'] {
  const { ItemReader: source, ItemBatcher: batch, ResultWriter: writer, Label } = read;
  if (writer !== undefined && writer.Resource !== WRITER) {
    builder.diagnostics.unsupported(`the ResultWriter Resource '${writer.Resource}'`, `${at}/ResultWriter/Resource`);
  }
  const fields = builder.fields(at);
  return {
    // AWS makes a label up where none is given; ours can be told apart in ARNs.
    label: Label ?? name.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 40),
    reader: source && reader(source, at, builder),
    batcher: batch && {
      maxItemsPerBatch: fields.optional(batch.MaxItemsPerBatch, 'ItemBatcher/MaxItemsPerBatch'),
      maxInputBytesPerBatch: fields.optional(batch.MaxInputBytesPerBatch, 'ItemBatcher/MaxInputBytesPerBatch'),
      batchInput: fields.optional(batch.BatchInput, 'ItemBatcher/BatchInput'),
    },
    writer: writer && fields.template(writer.Arguments, 'ResultWriter/Arguments'),
  };
}

/** Reads a Map state, inline or distributed. */
export function readMap(name: string, value: Json, at: string, builder: Builder): MapState | undefined {
  const read = builder.parse(STATES.Map, value, at);
  const processor = read && builder.parse(Processor, read.ItemProcessor, `${at}/ItemProcessor`);
  if (read === undefined || processor === undefined) return undefined;
  const isDistributed = processor.ProcessorConfig.Mode === 'DISTRIBUTED';
  if (processor.ProcessorConfig.ExecutionType === 'EXPRESS') {
    builder.diagnostics.unsupported("the ExecutionType 'EXPRESS'", `${at}/ItemProcessor/ProcessorConfig/ExecutionType`);
  }
  for (const field of DISTRIBUTED_ONLY) {
    if (!isDistributed && read[field] !== undefined)
      builder.diagnostics.schema(`Field '${field}' is only supported for the 'DISTRIBUTED' Mode`, `${at}/${field}`);
  }
  const fields = builder.fields(at);
  return {
    type: 'Map',
    name,
    next: onward(read, at, builder),
    items: fields.optional(read.Items, 'Items'),
    itemSelector: fields.optional(read.ItemSelector, 'ItemSelector'),
    maxConcurrency: fields.optional(read.MaxConcurrency, 'MaxConcurrency'),
    toleratedFailureCount: fields.optional(read.ToleratedFailureCount, 'ToleratedFailureCount'),
    toleratedFailurePercentage: fields.optional(read.ToleratedFailurePercentage, 'ToleratedFailurePercentage'),
    processor: builder.flow(processor, `${at}/ItemProcessor`),
    distributed: isDistributed ? distributed(read, name, at, builder) : undefined,
    ...recovery(read, at, builder),
    ...fields.exit(read),
  };
}
