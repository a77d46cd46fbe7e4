using Owin.Host.Functions;
using Owin.Host.Hosting;

namespace Owin.Host.Http;

/// <summary>
/// One JavaScript environment (the main thread or a worker): its exchanges by slot and its apps by number.
/// <para>Threads: Add, Find and Close belong to the pump, the rest to any thread.</para>
/// </summary>
internal sealed class JsEnvironment(ulong id)
{
    // A million requests in flight at once; each takes some kilobytes of Node.
    const int SlotsMost = 1 << 20;

    readonly object gate = new();
    Exchange?[] exchanges = new Exchange?[64];
    readonly Dictionary<int, LoadedApp> apps = [];
    readonly List<AppLoadContext> leftContexts = [];
    readonly Dictionary<int, byte[]> appValues = [];
    Dictionary<int, FileTransfer>? files;
    FunctionTable? functions;
    List<JsFunctions>? callFunctions;
    int lastFile;
    ConnectionStates? connections;
    bool closed;

    public ulong Id => id;
    public Unloading Unloading { get; } = new();

    /// <summary>What apps keep for connections; null: nothing.</summary>
    public ConnectionStates? Connections => connections;

    /// <summary>The same, made where there is none.</summary>
    public ConnectionStates UseConnections() =>
        connections ?? Interlocked.CompareExchange(ref connections, new(), null) ?? connections;

    /// <summary>The objects that JavaScript calls methods of.</summary>
    public HeldObjects Objects { get; } = new();

    /// <summary>What JavaScript copies by itself.</summary>
    public LentMemory Lent { get; } = new();

    /// <summary>The functions that JavaScript calls.</summary>
    public FunctionTable Functions
    {
        get
        {
            lock (gate)
                return functions ??= new();
        }
    }

    /// <summary>The functions of JavaScript's that came with calls, for those rules.</summary>
    public JsFunctions CallFunctions(ValueRules rules)
    {
        lock (gate)
        {
            var found = callFunctions?.Find(each => each.Rules == rules);
            if (found == null)
                (callFunctions ??= []).Add(found = new(this, "JavaScript environment", rules, lasting: true));
            return found;
        }
    }

    /// <summary>The function of that number; that of number 0 is the delegate that .NET holds as <paramref name="target" />.</summary>
    public BoundFunction? FindFunction(int number, int target) =>
        number == 0 ? Objects.Find(target) as BoundFunction : Functions.Find(number);

    /// <summary>Throws for a slot that JavaScript cannot have reached.</summary>
    public void Add(Exchange exchange)
    {
        if ((uint)exchange.Slot >= SlotsMost)
            throw new OwinException(ErrorCodes.Protocol, $"There is no slot {exchange.Slot}.");
        lock (gate)
        {
            if (exchange.Slot >= exchanges.Length)
                Array.Resize(ref exchanges, Math.Max(exchange.Slot + 1, exchanges.Length * 2));
            exchanges[exchange.Slot] = exchange;
        }
    }

    /// <summary>The exchange in the slot, or null when that generation of it is over.</summary>
    public Exchange? Find(int slot, int generation)
    {
        lock (gate)
        {
            var exchange = (uint)slot < (uint)exchanges.Length ? exchanges[slot] : null;
            return exchange?.Generation == generation ? exchange : null;
        }
    }

    public void Remove(Exchange exchange)
    {
        lock (gate)
        {
            if (exchanges[exchange.Slot] == exchange)
                exchanges[exchange.Slot] = null;
        }
    }

    public int ExchangeCount
    {
        get
        {
            lock (gate)
                return exchanges.Count(each => each != null);
        }
    }

    /// <summary>Numbers a file that is to be sent.</summary>
    public FileTransfer AddFile(Exchange exchange, long count, CancellationToken cancel)
    {
        lock (gate)
        {
            files ??= [];
            do lastFile = Numbers.After(lastFile);
            while (files.ContainsKey(lastFile));
            var file = new FileTransfer(exchange, lastFile, count, cancel);
            files.Add(lastFile, file);
            return file;
        }
    }

    /// <summary>The file of that number, whose time is over.</summary>
    public FileTransfer? TakeFile(int number)
    {
        lock (gate)
            return files != null && files.Remove(number, out var file) ? file : null;
    }

    /// <summary>False: the environment has closed in the meantime and the app is the caller's to close.</summary>
    public bool AddApp(LoadedApp app)
    {
        lock (gate)
            return !closed && apps.TryAdd(app.Id, app);
    }

    /// <summary>What JavaScript gave the request that comes next. The pump's.</summary>
    public RequestValues? NextValues { get; set; }

    /// <summary>Keeps what JavaScript gave an app until it is loaded.</summary>
    public void AddAppValues(int appId, byte[] values)
    {
        lock (gate)
            appValues[appId] = values;
    }

    /// <summary>What JavaScript gave an app; null: nothing.</summary>
    public byte[]? TakeAppValues(int appId)
    {
        lock (gate)
            return appValues.Remove(appId, out var values) ? values : null;
    }

    public LoadedApp? FindApp(int appId)
    {
        lock (gate)
            return apps.TryGetValue(appId, out var app) ? app : null;
    }

    /// <summary>
    /// The app, which is the caller's to close. Its load context stays the environment's, so that an app that is
    /// loaded again in it begins anew.
    /// </summary>
    public LoadedApp? RemoveApp(int appId)
    {
        lock (gate)
        {
            if (!apps.Remove(appId, out var app))
                return null;
            if (!app.Context.IsCollectible)
                leftContexts.Add(app.Context);
            return app;
        }
    }

    /// <summary>Gives up what is in flight in one app, which ends.</summary>
    public void GiveUp(int appId)
    {
        Exchange?[] left;
        lock (gate)
            left = [.. exchanges.Where(each => each?.App.Id == appId)];
        foreach (var exchange in left)
            exchange!.GiveUp();
    }

    /// <summary>Aborts what is in flight, closes the environment's apps and gives up their load contexts.</summary>
    public void Close()
    {
        Exchange?[] left;
        LoadedApp[] leftApps;
        FileTransfer[] leftFiles;
        List<JsFunctions> leftFunctions;
        lock (gate)
        {
            closed = true;
            leftFunctions = [.. callFunctions ?? []];
            left = (Exchange?[])exchanges.Clone();
            leftApps = [.. apps.Values];
            apps.Clear();
            leftFiles = files?.Values.ToArray() ?? [];
            files = null;
        }
        foreach (var exchange in left)
            exchange?.Abort(AbortReason.ClientGone);
        Functions.Close();
        leftFunctions.ForEach(each => each.Close());
        Objects.ReleaseAll();
        Lent.Close();
        leftContexts.ForEach(SpareContexts.Give);
        foreach (var file in leftFiles)
            file.Done(FileDoneFlags.Failed, 0, "The JavaScript environment of this request has closed.");
        foreach (var app in leftApps)
            ThreadPool.UnsafeQueueUserWorkItem(static app => Leave(app), app, false);
    }

    /// <summary>Closes an app whose environment has closed.</summary>
    public static void Leave(LoadedApp app)
    {
        try
        {
            app.Close();
        }
        catch (Exception error)
        {
            UnhandledExceptions.Post(error);
        }
        SpareContexts.Give(app.Context);
    }
}
