-- store_hours.*: whether somebody answers the telephone, by the clock on the visitor's wall.
--
--   personalize_plugin /etc/nginx/personalize/store_hours.lua opens=9 closes=18;
--
-- or as it is among the rule files, with the hours below.

local opens, closes  -- minutes of the day

return {
  name = "store_hours",
  options = { opens = 9, closes = 18 },
  attributes = {
    open = "bool",
    closes_in = { "int", "minutes until the store closes, while it is open" },
  },

  configure = function(options)
    opens, closes = tonumber(options.opens) * 60, tonumber(options.closes) * 60
    assert(opens < closes, "store_hours opens before it closes")
  end,

  resolve = function(request, replies, c)
    if c.time.minute_of_day == nil then return nil end
    local now = c.time.minute_of_day
    local open = now >= opens and now < closes and c.time.weekday ~= "sunday"
    return { open = open, closes_in = open and closes - now or nil }
  end,
}
