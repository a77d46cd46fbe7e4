using System.Diagnostics;

namespace Microsoft.Extensions.Hosting;

/// <summary>A builder of a host that is about to build it.</summary>
public sealed class HostBuilder
{
    /// <summary>Says so.</summary>
    public void Build()
    {
        using var listener = new DiagnosticListener("Microsoft.Extensions.Hosting");
        if (listener.IsEnabled("HostBuilding"))
            listener.Write("HostBuilding", this);
    }
}
