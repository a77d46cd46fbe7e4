using System.Runtime.InteropServices;
using System.Text;
using Owin.Host.Http;

namespace Owin.Host.Tests.Http;

/// <summary>A frame as .NET posted it: its head, and the payload that follows it.</summary>
sealed class PostedFrame(byte[] head, byte[] payload)
{
    readonly byte[] bytes = [.. head, .. payload];

    public int Type => Word(FrameHeader.Type);
    public int Slot => Word(FrameHeader.Slot);
    public int Generation => Word(FrameHeader.Generation);

    public int Word(int index) => MemoryMarshal.Cast<byte, int>(bytes)[index];

    /// <summary>Whether JavaScript gives the slot back when it reads this frame.</summary>
    public bool IsFinal =>
        Type switch
        {
            ToJs.Response => EndsResponse,
            ToJs.ResponseEnd or ToJs.Failed or ToJs.Aborted or ToJs.Released => true,
            _ => false,
        };

    /// <summary>The length word says how long the frame is, padding included.</summary>
    public void CheckForm() => Assert.Equal((bytes.Length + 7) / 8 * 8, Word(FrameHeader.Length));

    // Frame `response`.
    public int Status => Word(ToJsResponse.Status);
    public bool EndsResponse => (Word(ToJsResponse.Flags) & ResponseFlags.End) != 0;
    public bool HasContentLength => (Word(ToJsResponse.Flags) & ResponseFlags.HasContentLength) != 0;
    public string Reason => Latin1(ReasonStart, Word(ToJsResponse.ReasonLength));
    public byte[] First => [.. bytes.AsSpan(FirstStart, Word(ToJsResponse.PayloadLength))];

    /// <summary>Header lines as `name: value`.</summary>
    public string[] Headers => Lines(Latin1(ToJsResponse.Payload, Word(ToJsResponse.HeadersLength)));

    int ReasonStart => ToJsResponse.Payload + Word(ToJsResponse.HeadersLength);
    int FirstStart => ReasonStart + Word(ToJsResponse.ReasonLength);

    // Frame `responseBody`.
    public byte[] Chunk => [.. bytes.AsSpan(ToJsResponseBody.Payload, Word(ToJsResponseBody.PayloadLength))];

    /// <summary>The body bytes in a frame of either type.</summary>
    public byte[] Body =>
        Type switch
        {
            ToJs.Response => First,
            ToJs.ResponseBody => Chunk,
            _ => [],
        };

    public int BodyLength =>
        Type switch
        {
            ToJs.Response => Word(ToJsResponse.PayloadLength),
            ToJs.ResponseBody => Word(ToJsResponseBody.PayloadLength),
            _ => 0,
        };

    /// <summary>The same as text.</summary>
    public string Text => Encoding.Latin1.GetString(Body);

    // Frames `sendFile` and `cancelFile`.
    public int File => Word(ToJsSendFile.File);
    public long FileOffset => Long(ToJsSendFile.OffsetLow, ToJsSendFile.OffsetHigh);
    public long FileCount => Long(ToJsSendFile.CountLow, ToJsSendFile.CountHigh);
    public string FilePath => Encoding.UTF8.GetString(bytes, ToJsSendFile.Payload, Word(ToJsSendFile.PayloadLength));

    long Long(int low, int high) => (uint)Word(low) | ((long)Word(high) << 32);

    /// <summary>Header lines of the frame `next`.</summary>
    public string[] NextHeaders => Lines(Latin1(ToJsNext.Payload, Word(ToJsNext.HeadersLength)));

    /// <summary>Trailers of the frame `responseEnd`.</summary>
    public string[] Trailers => Lines(Latin1(ToJsResponseEnd.Payload, Word(ToJsResponseEnd.PayloadLength)));

    /// <summary>Text fields of a frame whose own words are its payload's length.</summary>
    public string[] Fields =>
        Word(ToJsFailed.PayloadLength) == 0
            ? []
            : TextFields.Read(bytes.AsSpan(ToJsFailed.Payload, Word(ToJsFailed.PayloadLength)));

    public string ErrorName => Fields[2];
    public string ErrorMessage => Fields[3];
    public string ErrorCode => Fields[5];

    string Latin1(int start, int length) => Encoding.Latin1.GetString(bytes, start, length);

    static string[] Lines(string block) =>
        block.Length == 0 ? [] : [.. block.Split('\0').Chunk(2).Select(each => $"{each[0]}: {each[1]}")];
}
