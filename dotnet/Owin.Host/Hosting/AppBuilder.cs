using AppFunc = System.Func<System.Collections.Generic.IDictionary<string, object>, System.Threading.Tasks.Task>;

namespace Owin.Host.Hosting;

/// <summary>
/// What IAppBuilder means: middleware in the order it was used, and conversions between the signatures it is written
/// in. Builders made by <see cref="New" /> share properties and conversions.
/// <para>Threads: one at a time, as the app's startup code calls it.</para>
/// </summary>
internal sealed class AppBuilder
{
    /// <summary>What the end of the pipeline is under in the properties.</summary>
    public const string DefaultAppKey = "builder.DefaultApp";
    const string AddConversionKey = "builder.AddSignatureConversion";

    readonly SignatureConversions conversions;
    readonly List<Middleware> pipeline = [];

    /// <summary>Sets <c>builder.DefaultApp</c> and <c>builder.AddSignatureConversion</c> in the properties.</summary>
    public AppBuilder(IDictionary<string, object> properties)
        : this(properties, new SignatureConversions())
    {
        properties[DefaultAppKey] = DefaultApp.Instance;
        properties[AddConversionKey] = new Action<Delegate>(conversions.Add);
    }

    AppBuilder(IDictionary<string, object> properties, SignatureConversions conversions)
    {
        Properties = properties;
        this.conversions = conversions;
    }

    public IDictionary<string, object> Properties { get; }

    /// <summary>
    /// Adds a middleware: a delegate whose first parameter is the next app, an instance with
    /// <c>Initialize(next, args…)</c> or <c>Invoke(next, args…)</c>, or a type with a constructor
    /// <c>(next, args…)</c>.
    /// </summary>
    public AppBuilder Use(object middleware, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        pipeline.Add(Middleware.Of(middleware, args ?? []));
        return this;
    }

    public AppBuilder New() => new(Properties, conversions);

    /// <summary>The pipeline as an AppFunc.</summary>
    public AppFunc Build() => (AppFunc)Build(typeof(AppFunc))!;

    /// <summary>The pipeline from its end to its beginning, as the signature asked for.</summary>
    public object? Build(Type signature)
    {
        var app = Properties.TryGetValue(DefaultAppKey, out var end) ? end : DefaultApp.Instance;
        for (int i = pipeline.Count - 1; i >= 0; i--)
        {
            var middleware = pipeline[i];
            app = middleware.Create(Convert(middleware.Next, app));
            app = Convert(middleware.Next, app);
        }
        return Convert(signature, app);
    }

    /// <summary>The app in another signature; ArgumentException when no conversion leads there.</summary>
    public object Convert(Type signature, object? app) => conversions.Convert(signature, app)!;
}
