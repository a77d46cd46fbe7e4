using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Owin.Host.Functions;
using Owin.Host.Hosting;

namespace Owin.Host.Http;

/// <summary>Reads what JavaScript's frame-writer wrote and hands it on. Runs on the pump; nothing here waits.</summary>
internal static class FrameReader
{
    public static void Read(JsEnvironment environment, ReadOnlySpan<byte> frames, ReadOnlySpan<JsBuffer> buffers)
    {
        while (!frames.IsEmpty)
        {
            int length = frames.Length < FrameHeader.Words * 4 ? 0 : Word(frames, FrameHeader.Length);
            if (length < FrameHeader.Words * 4 || length > frames.Length || length % FrameHeader.Alignment != 0)
            {
                Report(environment, $"A batch has a frame of {length} bytes where {frames.Length} are left.");
                return;
            }
            try
            {
                Dispatch(environment, frames[..length], buffers);
            }
            catch (Exception error)
            {
                Report(environment, error);
            }
            frames = frames[length..];
        }
    }

    static void Dispatch(JsEnvironment environment, ReadOnlySpan<byte> frame, ReadOnlySpan<JsBuffer> buffers)
    {
        int type = Word(frame, FrameHeader.Type);
        int slot = Word(frame, FrameHeader.Slot);
        int generation = Word(frame, FrameHeader.Generation);
        if (type == ToClr.Request)
        {
            Exchange.Receive(
                environment,
                slot,
                generation,
                Word(frame, ToClrRequest.App),
                Word(frame, ToClrRequest.Flags),
                Word(frame, ToClrRequest.FieldCount),
                Payload(frame, ToClrRequest.Payload, ToClrRequest.PayloadLength)
            );
            return;
        }
        if (type == ToClr.RequestValues)
        {
            environment.NextValues = new(
                environment,
                Payload(frame, ToClrRequestValues.Payload, ToClrRequestValues.PayloadLength).ToArray()
            );
            return;
        }
        if (type == ToClr.AppValues)
        {
            environment.AddAppValues(
                slot,
                Payload(frame, ToClrAppValues.Payload, ToClrAppValues.PayloadLength).ToArray()
            );
            return;
        }
        if (type == ToClr.CallResult)
        {
            JsFunctions.Complete(
                environment,
                slot,
                Word(frame, ToClrCallResult.Failed) != 0,
                Payload(frame, ToClrCallResult.Payload, ToClrCallResult.PayloadLength)
            );
            return;
        }
        if (type == ToClr.Invoke)
        {
            environment.Functions.Receive(
                environment,
                slot,
                generation,
                Word(frame, ToClrInvoke.Function),
                Word(frame, ToClrInvoke.Target),
                Word(frame, ToClrInvoke.Flags),
                Word(frame, ToClrInvoke.ArgumentCount),
                Payload(frame, ToClrInvoke.Payload, ToClrInvoke.PayloadLength),
                buffers.Slice(Word(frame, ToClrInvoke.FirstBuffer), Word(frame, ToClrInvoke.BufferCount))
            );
            return;
        }
        if (type == ToClr.BufferTaken)
        {
            environment.Lent.Return(slot);
            return;
        }
        if (type == ToClr.ReleaseObject)
        {
            environment.Objects.Release(slot);
            return;
        }
        if (type == ToClr.CancelCall)
        {
            environment.Functions.Cancel(slot, generation);
            return;
        }
        if (type == ToClr.Command)
        {
            Commands.Queue(
                environment,
                slot,
                TextFields.Read(Payload(frame, ToClrCommand.Payload, ToClrCommand.PayloadLength))
            );
            return;
        }
        if (type == ToClr.FileDone)
        {
            long sent = (uint)Word(frame, ToClrFileDone.SentLow) | (long)Word(frame, ToClrFileDone.SentHigh) << 32;
            var message = Payload(frame, ToClrFileDone.Payload, ToClrFileDone.PayloadLength);
            environment.TakeFile(slot)?.Done(Word(frame, ToClrFileDone.Flags), sent, Encoding.UTF8.GetString(message));
            return;
        }
        if (type == ToClr.ConnectionClosed)
        {
            environment.Connections?.Closed(slot);
            return;
        }
        if (type == ToClr.LogTaken)
        {
            LogQueue.Taken(environment.Id, slot);
            return;
        }
        var exchange = environment.Find(slot, generation);
        if (exchange == null)
            return;
        switch (type)
        {
            case ToClr.RequestBody:
                exchange.RequestBody?.Append(Payload(frame, ToClrRequestBody.Payload, ToClrRequestBody.PayloadLength));
                break;
            case ToClr.RequestBodyBuffer:
                exchange.RequestBody?.Append(buffers[Word(frame, ToClrRequestBodyBuffer.Buffer)]);
                break;
            case ToClr.RequestEnd:
                exchange.RequestBody?.End(
                    Word(frame, ToClrRequestEnd.FieldCount) is > 0 and var count
                        ? RequestHead.ReadTrailers(
                            Payload(frame, ToClrRequestEnd.Payload, ToClrRequestEnd.PayloadLength),
                            count
                        )
                        : null
                );
                break;
            case ToClr.ResponseCredit:
                exchange.AddCredit(Word(frame, ToClrResponseCredit.Bytes));
                break;
            case ToClr.Abort:
                exchange.Abort(Word(frame, ToClrAbort.Reason));
                break;
            case ToClr.SendingHeaders:
                exchange.SendingHeaders(
                    Word(frame, ToClrSendingHeaders.Number),
                    Word(frame, ToClrSendingHeaders.Status),
                    Payload(frame, ToClrSendingHeaders.Payload, ToClrSendingHeaders.PayloadLength)
                );
                break;
            case ToClr.Upgraded:
                exchange.Upgraded();
                break;
            case ToClr.NextDone:
                exchange.NextDone(Word(frame, ToClrNextDone.Status), Word(frame, ToClrNextDone.Flags));
                break;
            default:
                Report(environment, $"A frame has the unknown type {type}.");
                break;
        }
    }

    // To the environment that sent it: what a worker sends while it is terminated may be cut short, and nobody is to
    // hear of that.
    static void Report(JsEnvironment environment, Exception error) =>
        FrameWriter.Error(environment.Id, ToJs.Unhandled, 0, 0, error);

    static void Report(JsEnvironment environment, string message) =>
        Report(environment, new OwinException(ErrorCodes.Protocol, message));

    static int Word(ReadOnlySpan<byte> frame, int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(frame.Slice(index * 4, 4));

    static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> frame, int offset, int lengthWord) =>
        frame.Slice(offset, Word(frame, lengthWord));
}

/// <summary>
/// A list of texts as bytes: their count, then for each its length in bytes and its UTF-8, all lengths int32. A lone
/// surrogate does not survive, which no path, name or message needs.
/// </summary>
internal static class TextFields
{
    public static string[] Read(ReadOnlySpan<byte> bytes)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[4..];
        if ((uint)count > (uint)bytes.Length / 4)
            throw new OwinException(ErrorCodes.Protocol, $"{bytes.Length} bytes cannot hold {count} texts.");
        var fields = new string[count];
        for (int i = 0; i < fields.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            fields[i] = Encoding.UTF8.GetString(bytes.Slice(4, length));
            bytes = bytes[(4 + length)..];
        }
        return fields;
    }

    public static byte[] Write(IReadOnlyList<string> fields)
    {
        int size = 4;
        foreach (var field in fields)
            size += 4 + Encoding.UTF8.GetByteCount(field);
        var bytes = new byte[size];
        var rest = bytes.AsSpan();
        MemoryMarshal.Write(rest, fields.Count);
        rest = rest[4..];
        foreach (var field in fields)
        {
            int length = Encoding.UTF8.GetBytes(field, rest[4..]);
            MemoryMarshal.Write(rest, length);
            rest = rest[(4 + length)..];
        }
        return bytes;
    }
}
