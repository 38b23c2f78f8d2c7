insert into offer (offer_id, offer_name, offer_url) values
    ('1', 'new_savings',   'http://google.com.br/magnis/dis/parturient.json'),
    ('2', 'new_checking',  'https://earthlink.net/in/ante.js'),
    ('3', 'new_home_loan', 'https://webs.com/in/ante.jpg'),
    ('4', 'new_auto_loan', 'http://squidoo.com/venenatis/non/sodales/sed/tincidunt/eu.js'),
    ('5', 'no_offer',      'https://ezinearticles.com/ipsum/primis/in/faucibus/orci/luctus.html')
on conflict (offer_id) do nothing;
