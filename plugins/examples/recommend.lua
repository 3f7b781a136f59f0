-- Brings products for this visitor, out of a list that the shop keeps for each in Redis, best first, or out of one for
-- everybody:
--
--   RPUSH personalize:{<visitor>}:recommended "/p/parka Warm parka" "/p/boots Dry boots"
--   RPUSH personalize:trending "/p/boots Dry boots"
--
--   personalize_plugin /etc/nginx/personalize/recommend.lua most=4;
--
-- and in a rule:
--
--   content: { plugin: recommend, with: { of: trending, limit: 2 } }
--   do:
--     inner: "{{#content.products}}<a href=\"{{url}}\">{{title}}</a>{{/content.products}}"
--
-- `content: recommend` alone is the visitor's list. How often a visitor saw each product is counted in Redis, until he
-- has not been here for a month.

local most

local function limit_of(with) return with.limit or most end

return {
  name = "recommend",
  options = { most = 4 },

  configure = function(options)
    most = assert(tonumber(options.most), "recommend: most must be a number")
  end,

  check_content = function(with)
    for name in pairs(with) do
      if name ~= "of" and name ~= "limit" then error("recommend knows no " .. name) end
    end
    if with.of ~= nil and with.of ~= "visitor" and with.of ~= "trending" then
      error("recommend: of is visitor or trending")
    end
    if type(limit_of(with)) ~= "number" then error("recommend: limit is a number") end
  end,

  -- One more than wanted: the product that the visitor is looking at is left out.
  content_needs = function(request, slot, c, with)
    local last = tostring(limit_of(with))
    if with.of == "trending" then return { { shared = { "LRANGE", "trending", "0", last } } } end
    return { { "LRANGE", "recommended", "0", last } }
  end,

  content = function(request, slot, replies, c, with)
    local products, items = {}, {}
    for _, entry in ipairs(replies[1] or {}) do
      local space = entry:find(" ")
      local url = entry:sub(1, (space or 0) - 1)
      if space and url ~= request.path and #products < limit_of(with) then
        table.insert(products, { url = url, title = entry:sub(space + 1) })
        table.insert(items, { item_id = url })
      end
    end
    if #products == 0 then return nil end  -- the page keeps what it has
    return { products = products, items = items }  -- the latter for on_exposure
  end,

  on_exposure = function(request, exposures, response)
    if not response.viewed then return nil end
    local commands = {}
    for _, exposure in ipairs(exposures) do
      for _, item in ipairs(exposure.applied and exposure.items or {}) do
        table.insert(commands, { "HINCRBY", "impressions", item, "1" })
      end
    end
    if #commands > 0 then table.insert(commands, { "EXPIRE", "impressions", "2592000" }) end
    return commands
  end,
}
