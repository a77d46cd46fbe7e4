using ManagedDebugger;

// ManagedDebugger <pid> <assembly> <type> <method>
//
// Attaches to the CLR in a process and stops at the beginning of a method. Writes a line for each step: `attached`,
// `set`, `hit <type>.<method>`. Goes on from a hit at once, detaches and ends when its input ends. Linux x64.
var (pid, assembly, type, method) = (int.Parse(args[0]), args[1], args[2], args[3]);
var session = new Session(Path.GetFullPath(assembly), type, method);
session.Attach(pid);
Console.WriteLine("attached");
Console.In.ReadToEnd();
session.Detach();
