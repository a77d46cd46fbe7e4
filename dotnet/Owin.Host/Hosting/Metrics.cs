using System.Diagnostics.Metrics;
using System.Globalization;

namespace Owin.Host.Hosting;

/// <summary>
/// What the meters of the process have measured, ASP.NET Core's and the apps' own. Nothing is gathered before somebody
/// asks for the first time; from then on all of it is.
/// <para>Threads: any; measurements come from those that measure.</para>
/// </summary>
internal static class Metrics
{
    // An app that tags with what never repeats costs no more than these.
    const int MostSeries = 5_000;

    static readonly Lock gate = new();
    static readonly Dictionary<(Instrument Instrument, string Tags), Series> series = [];
    static MeterListener? listener;

    sealed class Series
    {
        public long Count;
        public double Sum;
        public double Last;
        public double Min = double.PositiveInfinity;
        public double Max = double.NegativeInfinity;
    }

    /// <summary>
    /// Per series: meter, instrument, unit, kind, count, sum, last, least and most value, how many texts of tags follow,
    /// and these in pairs.
    /// </summary>
    /// <param name="meters">the names of those that are wanted; none: all</param>
    public static IReadOnlyList<string> Read(string[] meters)
    {
        Listen();
        listener!.RecordObservableInstruments();
        var fields = new List<string>();
        lock (gate)
        {
            foreach (var ((instrument, tags), each) in series)
            {
                if (meters.Length == 0 || meters.Contains(instrument.Meter.Name))
                    Write(fields, instrument, tags, each);
            }
        }
        return fields;
    }

    static void Write(List<string> fields, Instrument instrument, string tags, Series series)
    {
        string[] pairs = tags.Length == 0 ? [] : tags.Split('\0');
        fields.AddRange([instrument.Meter.Name, instrument.Name, instrument.Unit ?? "", Kind(instrument)]);
        fields.Add(series.Count.ToString(CultureInfo.InvariantCulture));
        foreach (double value in (ReadOnlySpan<double>)[series.Sum, series.Last, series.Min, series.Max])
            fields.Add(value.ToString("R", CultureInfo.InvariantCulture));
        fields.Add(pairs.Length.ToString(CultureInfo.InvariantCulture));
        fields.AddRange(pairs);
    }

    // "ObservableGauge`1" is a gauge.
    static string Kind(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        bool isSum = type.StartsWith("Counter", StringComparison.Ordinal);
        return isSum || type.StartsWith("UpDownCounter", StringComparison.Ordinal) ? "counter"
            : type.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : type.Contains("Counter", StringComparison.Ordinal) ? "total"
            : "gauge";
    }

    static void Listen()
    {
        lock (gate)
        {
            if (listener != null)
                return;
            listener = new()
            {
                InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument),
            };
        }
        listener.SetMeasurementEventCallback<byte>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<short>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<int>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<long>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<float>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<double>(static (it, value, tags, _) => Add(it, value, tags));
        listener.SetMeasurementEventCallback<decimal>(static (it, value, tags, _) => Add(it, (double)value, tags));
        listener.Start();
    }

    static void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, Text(tags));
        lock (gate)
        {
            if (!series.TryGetValue(key, out var found))
            {
                if (series.Count >= MostSeries)
                    return;
                series.Add(key, found = new());
            }
            found.Count++;
            found.Sum += value;
            found.Last = value;
            found.Min = Math.Min(found.Min, value);
            found.Max = Math.Max(found.Max, value);
        }
    }

    static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return "";
        var texts = new string[tags.Length * 2];
        for (int i = 0; i < tags.Length; i++)
        {
            texts[2 * i] = tags[i].Key;
            texts[2 * i + 1] = Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "";
        }
        return string.Join('\0', texts);
    }
}
