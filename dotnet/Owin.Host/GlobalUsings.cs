// The delegates of OWIN beside AppFunc; each file that needs that one names it.
global using BuildFunc = System.Action<System.Func<
    System.Collections.Generic.IDictionary<string, object>,
    System.Func<
        System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>,
        System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
    >
>>;
global using MidFactory = System.Func<
    System.Collections.Generic.IDictionary<string, object>,
    System.Func<
        System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>,
        System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
    >
>;
global using MidFunc = System.Func<
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>,
    System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>
>;
