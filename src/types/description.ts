// What .NET tells of an assembly: dotnet/Owin.Host/Types/TypeDescriptions.cs writes it, and says what each is.
// Values that are false, null or empty may be absent.

export interface AssemblyDescription {
  name: string;
  version: string;
  types: TypeDescription[];
}

export interface TypeDescription {
  id: string;
  namespace?: string;
  name: string;
  kind: 'class' | 'struct' | 'interface' | 'enum';
  own?: boolean;
  data?: boolean;
  docs?: string;
  typeParameters: string[];
  enumMembers: { name: string; docs?: string }[];
  flags?: boolean;
  constructors: SignatureDescription[];
  methods: MethodDescription[];
  properties: PropertyDescription[];
  events: EventDescription[];
  omitted: string[];
}

export interface MethodDescription {
  name: string;
  static?: boolean;
  signature: SignatureDescription;
}

export interface EventDescription {
  name: string;
  parameters: ParameterDescription[];
  docs?: string;
}

export interface SignatureDescription {
  typeParameters: string[];
  parameters: ParameterDescription[];
  returns: TypeReference;
  docs?: string;
}

export interface ParameterDescription {
  name: string;
  type: TypeReference;
  optional?: boolean;
  params?: boolean;
}

export interface PropertyDescription {
  name: string;
  key?: string;
  static?: boolean;
  /** `owin.load()` has it. */
  callable?: boolean;
  canRead?: boolean;
  canWrite?: boolean;
  canInit?: boolean;
  required?: boolean;
  type: TypeReference;
  docs?: string;
}

export interface TypeReference {
  id: string;
  nullable?: boolean;
  arguments?: TypeReference[];
  like?: TypeReference;
  delegate?: SignatureDescription;
}
