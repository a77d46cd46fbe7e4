using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;

namespace AspNetFeatures.Controllers;

public record Order([Range(1, 100)] int Quantity, [Required] string Article);

[ApiController]
[Route("api/orders")]
public class OrdersController : ControllerBase
{
    [HttpGet("{id:int}")]
    public ActionResult<Order> Get(int id) => id == 0 ? NotFound() : new Order(id, "tea");

    [HttpPost]
    public ActionResult<Order> Post(Order order) => CreatedAtAction(nameof(Get), new { id = order.Quantity }, order);
}
